import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Body } from '../exchange/body.js';
import type { ExchangeResponse } from '../exchange/exchange.js';
import { errnoOf, MeshError } from '../foundation/errors.js';
import { Fields } from '../http1/fields.js';
import { mayHaveBody, responseFraming } from '../http1/framing.js';
import type { HttpVersion } from '../http1/request-head.js';
import { Violation } from '../http1/violation.js';
import type { Instance } from '../registry/instance.js';
import type { Call } from './connect.js';
import { connectFailed, connectTimedOut, nameOf } from './connect.js';
import type { Pseudonym } from './headers.js';
import { passResponseFields } from './headers.js';

/** The asking for a tunnel is done by http-proxy over node:http: what it brings back, as the rest of the gateway knows it. */

/**
 * Watches a request that has just been opened: hands `reject` what keeps it from being answered, and destroys it when the
 * exchange is aborted, be that before or after the head of the answer. The answer is for failures that the caller finds.
 */
export function failWith(
  request: ClientRequest,
  { exchange, instance, connectTimeout, clock }: Call,
  reject: (reason: MeshError) => void,
): (reason: MeshError) => void {
  let isConnected = false;
  let isAnswered = false;
  const fail = (reason: MeshError) => {
    cancelTimer();
    reject(reason);
    request.destroy();
  };
  const cancelTimer =
    connectTimeout === 0
      ? () => {}
      : clock.after(connectTimeout, () => fail(connectTimedOut(instance, connectTimeout)));
  whenConnected(request, () => {
    isConnected = true;
    cancelTimer();
  });
  request.once('response', () => {
    isAnswered = true;
  });
  request.on('error', (error) => {
    if (isAnswered) return; // the answer itself tells whether it is whole
    if (errnoOf(error)?.startsWith('HPE_')) fail(invalid(instance, 'something that is not HTTP'));
    else if (!isConnected) fail(connectFailed(instance, error));
    else fail(reset(instance, error));
  });
  exchange.onAttemptAbort(fail);
  request.once('close', () => exchange.offAttemptAbort(fail));
  return fail;
}

/** An answer that is not the tunnel that was asked for. @throws upstream_invalid */
export function refusedUpgrade(
  message: IncomingMessage,
  { exchange, instance }: Call,
  pseudonym: Pseudonym,
): ExchangeResponse {
  const { statusCode: status = 0, statusMessage: reason = '', rawHeaders } = message;
  const { method } = exchange.request;
  const fields = new Fields(rawHeaders);
  const version = versionOf(message);
  if (status < 200 || status > 999) throw invalid(instance, `the status ${status}`);
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(reason)) throw invalid(instance, 'control characters behind the status');
  const framing = framingOf(method, { status, reason, version, fields }, instance);
  // Node takes a reset for the end.
  if (framing.kind === 'until-close') message.socket.once('error', (error) => message.destroy(error));
  const body = mayHaveBody(method, status) ? bodyOf(message) : nothingOf(message);
  passResponseFields(fields, version, pseudonym);
  return { status, reason, fields, body };
}

export function versionOf({ httpVersion }: IncomingMessage): HttpVersion {
  return httpVersion === '1.0' ? '1.0' : '1.1';
}

export function invalid(instance: Instance, defect: string): MeshError {
  return new MeshError('upstream_invalid', `${nameOf(instance)} answered with ${defect}`);
}

function reset(instance: Instance, cause: Error): MeshError {
  return new MeshError('upstream_reset', `${nameOf(instance)} closed the connection before it answered`, { cause });
}

function framingOf(method: string, head: Parameters<typeof responseFraming>[1], instance: Instance) {
  try {
    return responseFraming(method, head);
  } catch (thrown) {
    if (thrown instanceof Violation) throw invalid(instance, thrown.message);
    throw thrown;
  }
}

function bodyOf(message: IncomingMessage): Body {
  const body = new Body({
    pause: () => message.pause(),
    resume: () => message.resume(),
    cancel: () => message.destroy(),
  });
  message.on('data', (bytes: Buffer) => body.write(bytes));
  message.once('end', () => body.end(new Fields(message.rawTrailers)));
  message.on('error', () => {}); // `close` follows
  message.once('close', () => body.fail());
  return body;
}

/** Bytes behind an answer that has no body break the connection to the service. They are no part of the answer. */
function nothingOf(message: IncomingMessage): Body {
  message.on('error', () => {}).resume();
  return Body.of(Buffer.alloc(0));
}

function whenConnected(request: ClientRequest, act: () => void): void {
  request.once('socket', (socket: Socket) => {
    if (socket.connecting) socket.once('connect', act);
    else act();
  });
}
