import { STATUS_CODES } from 'node:http';
import { describeFault } from '../config/describe-shape.js';
import type { Exchange, ExchangeResponse } from '../exchange/exchange.js';
import type { Clock } from '../foundation/clock.js';
import { chunked, field, keepAlive } from '../http1/field.js';
import { Fields } from '../http1/fields.js';
import { mayHaveBody } from '../http1/framing.js';
import { responseHeadText } from '../http1/wire.js';
import type { Refusal } from './refuse.js';

/** Seconds for which an idle connection is kept; clients are told, so that they do not use it in the moment in which it closes. */
export const keepAliveSeconds = 60;

/** How an answer goes onto the client's connection. */
export interface Delivery {
  /** As text of the wire. */
  readonly head: string;
  readonly isChunked: boolean;
  /** The connection goes on behind it; else its end is that of the answer, and sometimes of the body. */
  readonly isKept: boolean;
}

/** The head of the service's answer, as this client may get it. @param mayKeep whether the connection may go on behind it */
export function deliveryOf(
  exchange: Exchange,
  { status, reason, fields }: ExchangeResponse,
  mayKeep: boolean,
  clock: Clock,
): Delivery {
  const { request } = exchange;
  const hasBody = mayHaveBody(request.method, status);
  if (status === 204) fields.delete('content-length'); // RFC 9110 §8.6
  const isUnmeasured = hasBody && !fields.has('content-length');
  const isChunked = isUnmeasured && request.version === '1.1';
  const isKept = mayKeep && (isChunked || !isUnmeasured);
  if (!isChunked) fields.delete('trailer'); // nothing can follow it
  if (!fields.has('date')) fields.append('Date', dateOf(clock.now())); // RFC 9110 §6.6.1
  if (isChunked) fields.add(chunked);
  addConnection(fields, isKept);
  if (exchange.id !== '' && !fields.has('x-request-id')) fields.append('X-Request-Id', exchange.id);
  if (exchange.faults !== undefined) for (const fault of faultsToTell(exchange)) fields.append('x-mesh-fault', fault);
  return { head: responseHeadText(status, reason, fields), isChunked, isKept };
}

/** What the client is told beside an answer of the gateway's own: by what name to ask for it, and what faults it has met. */
export function fieldsOf(exchange: Exchange): string[] {
  const id = exchange.id === '' ? [] : ['X-Request-Id', exchange.id];
  return [...id, ...faultsToTell(exchange).flatMap((fault) => ['x-mesh-fault', fault])];
}

/** A client that sends `x-mesh-fault`, with any value, is told which faults its request has met, a line each. */
function faultsToTell({ request, faults }: Exchange): string[] {
  if (faults === undefined || !request.fields.has('x-mesh-fault')) return [];
  return faults.map((fault) => inAscii(describeFault(fault)));
}

/** What a field may hold (RFC 9110 §5.5), and every client reads. */
function inAscii(text: string): string {
  return text
    .replace('±', '+-')
    .replace(/[^\x20-\x7e]+/g, (other) => encodeURIComponent(Buffer.from(other).toString()));
}

/** The head of an answer of the gateway's own. */
export function refusalText({ status, fields: own }: Refusal, mayKeep: boolean, clock: Clock): string {
  const fields = new Fields(own);
  fields.append('Date', dateOf(clock.now()));
  addConnection(fields, mayKeep);
  return responseHeadText(status, STATUS_CODES[status] ?? '', fields);
}

function addConnection(fields: Fields, isKept: boolean): void {
  fields.add(isKept ? keepAlive : close);
  if (isKept) fields.add(keepAliveTime);
}

const close = field('Connection', 'close');
const keepAliveTime = field('Keep-Alive', `timeout=${keepAliveSeconds}`);

let dateText = '';
let dateSecond = -1;

/** Made once a second: a thousand answers of one second share it. */
function dateOf(now: number): string {
  const second = Math.floor(now / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(now).toUTCString();
  }
  return dateText;
}
