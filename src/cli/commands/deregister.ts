import type { InstanceView } from '../../admin/wire.js';
import { MeshError } from '../../foundation/errors.js';
import { printable } from '../../foundation/text.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';

export interface DeregisterOptions extends ConnectOptions {
  readonly json?: boolean;
}

export async function deregister(
  context: Context,
  words: readonly string[],
  options: DeregisterOptions,
): Promise<number> {
  const [service = '', one] = words;
  const { client } = await connect(context.terminal, options);
  const targets = one === undefined ? registered(await client.service(service)) : [one];
  const instances: InstanceView[] = [];
  for (const target of targets) instances.push(await client.deregister(service, target));
  if (options.json) context.printDocument({ service, instances });
  else for (const instance of instances) context.print(toldOf(service, instance));
  return 0;
}

function toldOf(service: string, { id, health, active }: InstanceView): string {
  const told = `deregistered ${printable(id)} of ${printable(service)}`;
  return health === 'draining' ? `${told}: it finishes the ${active} requests in hand, and gets no more` : told;
}

/** Without an address: whatever was registered at run time. What the file names or the mesh runs is not for this command. */
function registered({ name, instances }: { name: string; instances: readonly InstanceView[] }): string[] {
  const ids = instances.filter(({ source }) => source === 'registered').map(({ id }) => id);
  if (ids.length > 0) return ids;
  throw new MeshError('unknown_instance', `\`${name}\` has no registered instance`, {
    hint: `\`mesh inspect ${name}\` lists its instances, and where each comes from.`,
  });
}
