import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Exchange, ExchangeResponse, InterimResponse } from '../exchange/exchange.js';
import { mayHaveBody } from '../http1/vet.js';
import { trailerFields } from './headers.js';
import type { Refusal } from './refuse.js';

/** How a response of the gateway gets onto the client's connection, by node:http. */

/** Passes the service's answer on as it comes, with backpressure. Resolves with whether all of it was delivered. */
export function deliver(
  exchange: Exchange,
  { status, reason, fields, body, trailers }: ExchangeResponse,
  to: ServerResponse,
): Promise<boolean> {
  if (status === 204) fields.delete('content-length'); // RFC 9110 §8.6
  if (!isChunked(exchange, status, fields.has('content-length'))) fields.delete('trailer'); // nothing can follow it, and Node would throw
  return new Promise((resolve) => {
    body.once('end', () => {
      to.addTrailers(trailerFields(trailers()));
      to.end();
    });
    body.on('error', () => {}); // `close` without `end` says the same
    body.once('close', () => {
      if (!body.readableEnded) resolve(false);
    });
    to.once('finish', () => resolve(true));
    exchange.onAbort(() => resolve(false));
    to.writeHead(status, reason, fields.toFlat());
    // The head goes before the first byte of the body is there: an event stream may be silent for long.
    // Not flushHeaders: it turns the latin1 bytes of a head into UTF-8 (Node 20.20.2).
    to.write('', 'latin1');
    body.pipe(to, { end: false });
  });
}

function isChunked({ request }: Exchange, status: number, hasLength: boolean): boolean {
  return mayHaveBody(request.method, status) && !hasLength && request.httpVersion === '1.1';
}

/** A 1xx, to clients that know of them. */
export function inform({ request }: Exchange, { status, reason, fields }: InterimResponse, to: ServerResponse): void {
  if (request.httpVersion === '1.0' || to.headersSent) return;
  if (to.socket?.writableNeedDrain === true) return; // whoever does not read them needs no more of them
  if (status === 100) to.writeContinue();
  // Not yet its turn on a connection with several requests: an interim answer may be left out.
  else to.socket?.write(serialised(status, reason, fields), 'latin1');
}

/** For a client whose request could not be read, on the bare socket. */
export function refusalBytes({ status, fields, body }: Refusal): Buffer {
  const pairs: Array<readonly [string, string]> = [['Connection', 'close']];
  for (let at = 0; at < fields.length; at += 2) pairs.push([fields[at] ?? '', fields[at + 1] ?? '']);
  const head = serialised(status, STATUS_CODES[status] ?? '', pairs);
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

function serialised(status: number, reason: string, fields: Iterable<readonly [string, string]>): string {
  const lines = [...fields].map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n`;
}
