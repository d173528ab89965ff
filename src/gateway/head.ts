import type { IncomingMessage } from 'node:http';
import type { ExchangeRequest, UpgradeRequest } from '../exchange/exchange.js';
import type { MeshError } from '../foundation/errors.js';
import { toMeshError } from '../foundation/errors.js';
import { Fields } from '../http1/fields.js';
import { parseTarget } from '../http1/target.js';
import { vet } from '../http1/vet.js';

/** A request as node:http has read it → the request of an exchange, and what makes it unfit to be carried. */
export function readHead(
  message: IncomingMessage,
  upgrade: UpgradeRequest | undefined,
): { request: ExchangeRequest; defect: MeshError | undefined } {
  const { method = '', url = '' } = message;
  // Never `headers`: there a second Host or Content-Length has vanished.
  const fields = new Fields(message.rawHeaders);
  const head = { method, target: url, fields };
  const { authority, target, defect } = locate(
    method,
    url,
    vet({ ...head, httpVersion: message.httpVersion, upgrade: upgrade !== undefined }),
  );
  if (authority !== undefined) fields.set('Host', authority);
  const request = {
    ...head,
    target,
    httpVersion: message.httpVersion === '1.0' ? '1.0' : '1.1',
    authority: (fields.get('host') ?? '').toLowerCase(),
    body: message,
    bytesRead: () => message.socket.bytesRead,
    trailers: () => message.rawTrailers,
    upgrade,
  } as const;
  return { request, defect };
}

/** The protocols that a request asks to change to, as one may pass them on: without h2c. */
export function protocolsAsked(rawHeaders: readonly string[]): string[] {
  return new Fields(rawHeaders).list('upgrade').filter((protocol) => !/^h2c(?:\/|$)/i.test(protocol));
}

function locate(
  method: string,
  url: string,
  defect: MeshError | undefined,
): {
  authority: string | undefined;
  target: string;
  defect: MeshError | undefined;
} {
  if (defect !== undefined) return { authority: undefined, target: url, defect };
  try {
    return { ...parseTarget(method, url), defect };
  } catch (thrown) {
    return { authority: undefined, target: url, defect: toMeshError(thrown) };
  }
}
