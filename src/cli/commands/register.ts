import type { InstanceView, RegistrationBody } from '../../admin/wire.js';
import { addressId, requireAddress } from '../../foundation/address.js';
import { MeshError } from '../../foundation/errors.js';
import { serviceNameExpected, serviceNamePattern } from '../../foundation/names.js';
import { printable } from '../../foundation/text.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';

export interface RegisterOptions extends ConnectOptions {
  readonly id?: string;
  readonly weight?: number;
  readonly version?: string;
  readonly meta?: Readonly<Record<string, string>>;
  /** As in the mesh file: `30s`. */
  readonly ttl?: string;
  readonly json?: boolean;
}

export async function register(context: Context, words: readonly string[], options: RegisterOptions): Promise<number> {
  const [service = '', ...addresses] = words;
  if (options.id !== undefined && addresses.length > 1) {
    throw new MeshError('usage', '`--id` names one instance, and there are several addresses', {
      hint: 'Leave it out: each instance is then named after its address.',
    });
  }
  if (!serviceNamePattern.test(service)) {
    throw new MeshError('usage', `\`${service}\` is not ${serviceNameExpected}`, {
      hint: 'The name of the service comes first, then its addresses.',
    });
  }
  const wanted = addresses.map((address) => ({
    id: options.id ?? addressId(requireAddress(address)),
    body: bodyOf(address, options),
  }));
  const { client, run } = await connect(context.terminal, options);
  const instances = [];
  for (const { id, body } of wanted) {
    const instance = await client.register(service, id, body);
    instances.push(instance);
    if (!options.json) context.print(toldOf(service, instance)); // at once: the next one may fail
  }
  if (options.json) {
    context.printDocument({ service, instances });
    return 0;
  }
  if (options.ttl !== undefined) {
    for (const { id } of instances) context.note(heartbeatAdvice(service, id, options.ttl, run?.adminUrl));
  }
  return 0;
}

function toldOf(service: string, { id, address, weight }: InstanceView): string {
  return `registered ${printable(id)} of ${printable(service)} at ${printable(address)}, weight ${weight}`;
}

function bodyOf(address: string, { weight, version, meta, ttl }: RegisterOptions): RegistrationBody {
  return {
    address,
    ...(weight === undefined ? {} : { weight }),
    ...(version === undefined ? {} : { version }),
    ...(meta === undefined ? {} : { metadata: { ...meta } }),
    ...(ttl === undefined ? {} : { ttl }),
  };
}

function heartbeatAdvice(service: string, id: string, ttl: string, adminUrl = '$MESH_ADMIN_URL'): string {
  return [
    `${id} is removed unless a heartbeat comes at least every ${ttl}:`,
    `  curl -X POST -H "Authorization: Bearer $(mesh token)" ${adminUrl}/v1/services/${service}/instances/${id}/heartbeat`,
  ].join('\n');
}
