import { attempt } from '../exchange/attempt.js';
import type { Layer } from '../exchange/layer.js';
import { formatAddress } from '../foundation/address.js';
import { MeshError } from '../foundation/errors.js';
import { chunked, field, keepAlive } from '../http1/field.js';
import type { Fields } from '../http1/fields.js';
import { requestHeadText } from '../http1/wire.js';
import type { Call } from './connect.js';
import { connectTo } from './connect.js';
import type { Pseudonym } from './headers.js';
import { requestFields } from './headers.js';
import type { Pool } from './pool.js';
import type { Upgrades } from './upgrade.js';
import type { Question } from './upstream.js';
import { StaleConnection, UpstreamConnection } from './upstream.js';

export interface Carriers extends Pick<Call, 'clock'> {
  readonly pool: Pool;
  readonly upgrades: Upgrades;
  readonly pseudonym: Pseudonym;
}

/**
 * Carries the exchange to its instance and brings back the head of the answer.
 *
 * @param connectTimeout milliseconds until the instance has accepted the connection; 0 is without limit
 */
export function forward(carriers: Carriers, connectTimeout: number): Layer {
  return (exchange) => {
    const { instance } = exchange;
    if (instance === undefined) throw new MeshError('internal', 'forward runs before choose');
    const call = { exchange, instance, connectTimeout, clock: carriers.clock };
    if (exchange.request.upgrade === undefined) return carry(call, carriers);
    const fields = fieldsOf(call, carriers);
    return attempt(exchange, carriers.clock, carriers.upgrades.carry(call, fields, carriers.pseudonym));
  };
}

/**
 * A kept connection may be closed by the service at the very moment in which a request is sent on it. One that may safely be
 * sent twice, and can be, is then sent again on a fresh one (RFC 9110 §9.2.2). Any other goes on a kept connection only when
 * it can be trusted to stay open, and else on a fresh one: a stale connection costs nobody an answer.
 */
function carry(call: Call, carriers: Carriers): Promise<void> {
  const { exchange, instance, clock } = call;
  const { pool } = carriers;
  const question = questionOf(call, carriers);
  const isRepeatable = !question.hasBody && idempotent.has(exchange.request.method);
  const kept = pool.take(instance, isRepeatable ? 'hope' : 'trust');
  if (kept === undefined) return attempt(exchange, clock, askAfresh(call, question, pool));
  return attempt(exchange, clock, kept.ask(question), (error) => {
    if (!(error instanceof StaleConnection && isRepeatable)) throw error;
    return attempt(exchange, clock, askAfresh(call, questionOf(call, carriers), pool)); // by a span id of its own
  });
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

async function askAfresh(call: Call, question: Question, pool: Pool): Promise<number> {
  const connection = new UpstreamConnection(call.instance, await connectTo(call), pool.keep);
  return connection.ask(question);
}

/** What goes onto the wire. It says explicitly where the body ends, whatever the method (CVE-2026-29057). */
function questionOf(call: Call, carriers: Carriers): Question & { readonly hasBody: boolean } {
  const { exchange } = call;
  const { request, upstreamTarget } = exchange;
  const fields = fieldsOf(call, carriers);
  const isChunked = request.fields.has('transfer-encoding');
  const length = fields.get('content-length');
  if (isChunked) fields.add(chunked);
  else {
    fields.delete('trailer'); // nothing can follow a body of a known length
    if (length === undefined && !bodiless.has(request.method)) fields.add(noLength);
  }
  fields.add(keepAlive); // HTTP/1.0 servers want to be asked
  const head = requestHeadText(request.method, upstreamTarget, fields);
  return { exchange, head, isChunked, hasBody: isChunked || Number(length ?? 0) > 0, pseudonym: carriers.pseudonym };
}

const noLength = field('Content-Length', '0');

function fieldsOf({ exchange, instance }: Call, { pseudonym }: Carriers): Fields {
  const fields = requestFields(exchange, pseudonym);
  if (!fields.has('host')) fields.append('Host', formatAddress(instance.address));
  return fields;
}

/** Methods without a body unless a field says that there is one. */
const bodiless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);
