import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { UpgradeRequest } from '../exchange/exchange.js';
import type { Clock } from '../foundation/clock.js';
import type { MeshError } from '../foundation/errors.js';
import { Fields } from '../http1/fields.js';
import { hasBody } from '../http1/vet.js';

/** One request of a connection, as node:http has read it, and where its answer goes. */
export interface Turn {
  readonly message: IncomingMessage;
  /** undefined for an upgrade or CONNECT until it is refused. */
  response: ServerResponse | undefined;
  readonly upgrade: UpgradeRequest | undefined;
  /** Why it is refused whatever else it says. */
  readonly refusal: MeshError | undefined;
  isRefused: boolean;
}

/** Milliseconds for which the rest of a request is read and thrown away after an early answer: to close at once would take that answer from the client. */
export const lingerLimit = 5_000;

/** Has the whole request been read? */
export function isRead({ message }: Turn): boolean {
  return message.complete || !hasBody(new Fields(message.rawHeaders));
}

/** Calls `done` when the rest has been read, or when the client takes too long. */
export function throwAwayRest({ message }: Turn, clock: Clock, done: () => void): void {
  const { socket } = message;
  const leave = () => message.destroy(); // node:http looks after it until it is answered, and no longer
  message.resume();
  socket.once('close', leave);
  const cancel = clock.after(lingerLimit, done);
  message.once('close', () => {
    socket.off('close', leave);
    cancel();
    done();
  });
}

/** node:http holds no response ready for an upgrade or CONNECT; when it is refused, it needs an ordinary one. */
export function responseFor(turn: Turn, socket: Socket): ServerResponse {
  turn.response ??= openResponse(turn.message, socket);
  return turn.response;
}

function openResponse(message: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(message);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
  return response;
}
