import type { Attempt, Exchange } from '../exchange/exchange.js';
import type { Layer } from '../exchange/layer.js';
import { formatAddress } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError, toMeshError } from '../foundation/errors.js';
import type { Fields } from '../http1/fields.js';
import { hasBody } from '../http1/vet.js';
import { requestFields } from './headers.js';
import type { Pool } from './pool.js';
import type { Upgrades } from './upgrade.js';
import type { HttpCall } from './upstream.js';
import { responseOf, StaleConnection, send } from './upstream.js';

export interface Carriers {
  readonly clock: Clock;
  readonly pool: Pool;
  readonly upgrades: Upgrades;
  /** How this mesh names itself in `Via`. */
  readonly pseudonym: string;
}

/**
 * Carries the exchange to its instance and brings back the head of the answer.
 *
 * @param connectTimeout milliseconds until the instance has accepted the connection; 0 is without limit
 */
export function forward(carriers: Carriers, connectTimeout: number): Layer {
  return async (exchange) => {
    const { instance } = exchange;
    if (instance === undefined) throw new MeshError('internal', 'forward runs before choose');
    const call = { exchange, instance, connectTimeout, clock: carriers.clock };
    const fields = requestFields(exchange, carriers.pseudonym);
    if (!fields.has('host')) fields.append('Host', formatAddress(instance.address));
    if (exchange.request.upgrade === undefined) await carry({ ...call, ...framed(exchange, fields) }, carriers);
    else await attempt(call, () => carriers.upgrades.carry(call, fields, carriers.pseudonym));
  };
}

/**
 * Only a request that may safely be sent twice goes on a kept connection: any other would be lost when the service closes
 * that connection at the same moment (RFC 9110 §9.2.2). So a stale connection costs nobody an answer.
 */
async function carry(call: Omit<HttpCall, 'agent'>, { pool, pseudonym }: Carriers): Promise<void> {
  const over = (agent: HttpCall['agent']) =>
    attempt(call, async () => {
      const message = await send({ ...call, agent });
      call.exchange.response = responseOf(message, call.exchange.request.method, pseudonym);
      return call.exchange.response.status;
    });
  if (call.hasBody || !idempotent.has(call.exchange.request.method)) return over(pool.fresh);
  try {
    await over(pool.reusing(call.instance));
  } catch (thrown) {
    if (!(thrown instanceof StaleConnection)) throw thrown;
    await over(pool.fresh);
  }
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Leaves a record of the try, however it ends. */
async function attempt(
  { exchange, instance, clock }: Pick<HttpCall, 'exchange' | 'instance' | 'clock'>,
  carryOut: () => Promise<number>,
): Promise<void> {
  const record: Attempt = {
    instance,
    startedAt: clock.monotonic(),
    result: { kind: 'pending' },
  };
  exchange.attempts.push(record);
  try {
    record.result = { kind: 'answered', status: await carryOut() };
  } catch (thrown) {
    const error = toMeshError(thrown);
    record.result = { kind: 'failed', error };
    throw error;
  }
}

/** Says explicitly where the body ends: Node sends the body of a GET or DELETE bare, as the next request (CVE-2026-29057). */
function framed({ request }: Exchange, fields: Fields): { fields: Fields; hasBody: boolean } {
  if (request.fields.has('transfer-encoding')) {
    fields.append('Transfer-Encoding', 'chunked');
    return { fields, hasBody: true };
  }
  fields.delete('trailer'); // nothing can follow a body of a known length
  if (!fields.has('content-length') && !bodiless.has(request.method)) fields.append('Content-Length', '0');
  return { fields, hasBody: hasBody(fields) };
}

/** Methods without a body unless a field says that there is one. */
const bodiless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);
