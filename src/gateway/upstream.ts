import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { request as open } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Exchange, ExchangeResponse } from '../exchange/exchange.js';
import { formatAddress } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { errnoOf, MeshError } from '../foundation/errors.js';
import { formatDuration } from '../foundation/units.js';
import { Fields } from '../http1/fields.js';
import { mayHaveBody } from '../http1/vet.js';
import type { Instance } from '../registry/instance.js';
import { endToEnd, responseFields, trailerFields } from './headers.js';

export interface Call {
  readonly exchange: Exchange;
  readonly instance: Instance;
  /** Milliseconds until the instance has accepted the connection; 0 is without limit. */
  readonly connectTimeout: number;
  readonly clock: Clock;
}

export interface HttpCall extends Call {
  /** As the service shall get them, framing included. */
  readonly fields: Fields;
  readonly hasBody: boolean;
  readonly agent: Agent;
}

/** A kept connection turned out to be closed before a byte of the answer came: that says nothing about the request. */
export class StaleConnection extends MeshError {
  constructor(instance: Instance) {
    super('upstream_reset', `${nameOf(instance)} had closed the connection that was kept to it`);
  }
}

/** Bytes. More than a request head may have: services set many cookies and long policies. */
const maxResponseHead = 64 * 1024;

/**
 * Sends the request to the instance, body and all, and resolves with the head of its answer.
 *
 * @throws connect_failed, connect_timeout, upstream_reset (StaleConnection), upstream_invalid, or what aborted the exchange
 */
export function send(call: HttpCall): Promise<IncomingMessage> {
  const { exchange, instance } = call;
  return new Promise((resolve, reject) => {
    const request = open({
      host: instance.address.host,
      port: instance.address.port,
      method: exchange.request.method,
      path: exchange.upstreamTarget,
      headers: call.fields.toFlat(),
      agent: call.agent,
      maxHeaderSize: maxResponseHead,
    });
    request.maxHeadersCount = 0; // a limit would hide fields that frame the body (CVE-2026-58044)
    const fail = failWith(request, call, reject);
    request.once('response', (message) => {
      const defect = inspect(message, instance);
      if (defect === undefined) resolve(message);
      else fail(defect);
    });
    request.on('information', ({ statusCode: status, statusMessage: reason, rawHeaders }) => {
      if (isReason(reason)) exchange.inform({ status, reason, fields: endToEnd(new Fields(rawHeaders)) });
    });
    request.once('upgrade', (_message, socket) => {
      socket.destroy();
      fail(invalid(instance, unsolicited));
    });
    if (call.hasBody) sendBody(exchange, request);
    else request.end();
  });
}

/**
 * Watches a request that has just been opened: hands `reject` what keeps it from being answered, and destroys it when the
 * exchange is aborted, be that before or after the head of the answer. The answer is for failures that the caller finds.
 */
export function failWith(
  request: ClientRequest,
  { exchange, instance, connectTimeout, clock }: Call,
  reject: (reason: MeshError) => void,
): (reason: MeshError) => void {
  let connection: { readonly bytesReadBefore: number } | undefined;
  const fail = (reason: MeshError) => {
    cancelTimer();
    reject(reason);
    request.destroy();
  };
  const cancelTimer =
    connectTimeout === 0
      ? () => {}
      : clock.after(connectTimeout, () => fail(connectTimedOut(instance, connectTimeout)));
  whenConnected(request, ({ bytesRead }) => {
    connection = { bytesReadBefore: bytesRead };
    cancelTimer();
  });
  let isAnswered = false;
  request.once('response', () => {
    isAnswered = true;
  });
  request.on('error', (error) => {
    if (isAnswered) return; // the answer itself tells whether it is whole
    const isStale = request.reusedSocket && request.socket?.bytesRead === connection?.bytesReadBefore;
    if (errnoOf(error)?.startsWith('HPE_')) fail(invalid(instance, 'answered with something that is not HTTP'));
    else if (connection === undefined) fail(connectFailed(instance, error));
    else if (isStale) fail(new StaleConnection(instance));
    else fail(reset(instance, error));
  });
  const forget = exchange.onAbort(fail);
  request.once('close', forget);
  return fail;
}

export function responseOf(message: IncomingMessage, method: string, pseudonym: string): ExchangeResponse {
  const { statusCode: status = 0, statusMessage: reason = '', httpVersion, rawHeaders } = message;
  return {
    status,
    reason,
    fields: responseFields(new Fields(rawHeaders), httpVersion, pseudonym),
    body: mayHaveBody(method, status) ? message : nothingOf(message),
    trailers: () => message.rawTrailers,
  };
}

/** Bytes behind an answer that has no body break the connection to the service. They are no part of the answer. */
function nothingOf(message: IncomingMessage): Readable {
  message.on('error', () => {}).resume();
  return Readable.from([]);
}

/** With backpressure. Once the service hears no more, the rest is read and thrown away, so that the client gets to read its answer. */
function sendBody(exchange: Exchange, request: ClientRequest): void {
  const { body } = exchange.request;
  request.write('', 'latin1'); // the head goes now; flushHeaders would turn its latin1 bytes into UTF-8 (Node 20.20.2)
  const end = () => {
    request.addTrailers(trailerFields(exchange.request.trailers?.() ?? []));
    request.end();
  };
  const clientGone = () => {
    if (!body.readableEnded) request.destroy(); // after an early answer, nothing else would end it
  };
  // Not before it is connected: where that fails, the body is still whole for another instance.
  whenConnected(request, () => {
    body.pipe(request, { end: false });
    body.once('end', end);
    body.once('close', clientGone);
    request.once('close', () => {
      body.off('end', end);
      body.off('close', clientGone);
      body.unpipe(request);
      body.resume();
    });
  });
}

function whenConnected(request: ClientRequest, act: (socket: Socket) => void): void {
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => act(socket));
    else act(socket);
  });
}

/** What makes an answer unfit to be passed on. One that ends with its connection is watched: Node takes a reset for the end. */
export function inspect(message: IncomingMessage, instance: Instance): MeshError | undefined {
  const defect = defectOf(message);
  if (defect !== undefined) return invalid(instance, defect);
  if (!endsByItself(message)) message.socket.once('error', (error) => message.destroy(error));
  return undefined;
}

const unsolicited = 'switched protocols without being asked to';

function defectOf({ statusCode = 0, statusMessage = '', rawHeaders }: IncomingMessage): string | undefined {
  if (statusCode < 200 || statusCode > 999) return `answered with the status ${statusCode}`;
  if (!isReason(statusMessage)) return 'answered with control characters behind the status';
  const codings = new Fields(rawHeaders).all('transfer-encoding');
  if (codings.some((coding) => !/^chunked$/i.test(coding)))
    return `answered with the Transfer-Encoding \`${codings.join(', ')}\``;
  return undefined;
}

/** RFC 9112 §4: no control characters. */
function isReason(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/** Does the answer say where it ends? Else its end is that of the connection. */
function endsByItself({ rawHeaders }: IncomingMessage): boolean {
  const fields = new Fields(rawHeaders);
  return fields.has('content-length') || fields.has('transfer-encoding');
}

function invalid(instance: Instance, defect: string): MeshError {
  return new MeshError('upstream_invalid', `${nameOf(instance)} ${defect}`);
}

function connectTimedOut(instance: Instance, limit: number): MeshError {
  return new MeshError(
    'connect_timeout',
    `${nameOf(instance)} did not accept a connection within ${formatDuration(limit)}`,
  );
}

function connectFailed(instance: Instance, cause: Error): MeshError {
  const code = errnoOf(cause);
  const what = code === 'ECONNREFUSED' ? 'refuses connections' : `cannot be connected to (${code ?? cause.message})`;
  return new MeshError('connect_failed', `${nameOf(instance)} ${what}`, {
    cause,
  });
}

function reset(instance: Instance, cause: Error): MeshError {
  return new MeshError('upstream_reset', `${nameOf(instance)} closed the connection before it answered`, { cause });
}

/** `orders` at 127.0.0.1:4001 */
function nameOf({ service, address }: Instance): string {
  return `\`${service}\` at ${formatAddress(address)}`;
}
