import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Address } from '../../../src/foundation/address.js';
import { RawUpstream } from '../../support/upstream.js';
import type { RequestMessage } from './decode.js';
import { decodeRequests, valuesOf } from './decode.js';

/** One connection that the gateway has opened and sent something on. */
export interface Recorded {
  readonly socket: Socket;
  bytes: string;
  readonly closed: Promise<void>;
}

export type Reply = (message: RequestMessage, socket: Socket) => void;

/** A service that keeps apart what came on each connection, and answers each request when the whole of it is there. */
export class Recorder implements AsyncDisposable {
  readonly connections: Recorded[] = [];
  /** The connection of each request, in the order in which the requests became whole. */
  readonly #order: Recorded[] = [];
  readonly #upstream: RawUpstream;

  private constructor(upstream: RawUpstream) {
    this.#upstream = upstream;
  }

  /** By default, the answer's body tells what is answered. */
  static async start(reply: Reply = tell): Promise<Recorder> {
    const conversations = new Map<Socket, Conversation>();
    const upstream = await RawUpstream.start((socket, text) => {
      const conversation =
        conversations.get(socket) ??
        new Conversation(socket, (message) => {
          recorder.#order.push(conversation);
          reply(message, socket);
        });
      if (!conversations.has(socket)) {
        conversations.set(socket, conversation);
        recorder.connections.push(conversation);
      }
      conversation.hear(text);
    });
    const recorder = new Recorder(upstream);
    return recorder;
  }

  get address(): Address {
    return this.#upstream.address;
  }

  /** All that came, what is incomplete at the end. @throws when a byte of it is not strictly HTTP/1.1 */
  get seen(): RequestMessage[] {
    const unread = new Map(this.connections.map((each) => [each, decodeRequests(each.bytes)]));
    const whole = this.#order.flatMap((each) => unread.get(each)?.shift() ?? []);
    return [...whole, ...[...unread.values()].flat()];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#upstream.close();
  }
}

class Conversation implements Recorded {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  bytes = '';
  readonly #reply: (message: RequestMessage) => void;
  #answered = 0;
  #informed = 0;

  constructor(socket: Socket, reply: (message: RequestMessage) => void) {
    this.socket = socket;
    this.#reply = reply;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  hear(text: string): void {
    this.bytes += text;
    for (const message of this.#decoded().slice(this.#answered)) {
      if (message.isWhole) {
        this.#answered++;
        this.#reply(message);
      } else if (valuesOf(message.fields, 'expect').includes('100-continue') && this.#informed <= this.#answered) {
        this.#informed = this.#answered + 1;
        this.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      }
    }
  }

  /** What is no HTTP is not answered; `Recorder.seen` tells of it. */
  #decoded(): RequestMessage[] {
    try {
      return decodeRequests(this.bytes);
    } catch {
      this.socket.destroy();
      return [];
    }
  }
}

export function tell({ method, target }: RequestMessage, socket: Socket): void {
  const body = `${method} ${target}`;
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${method === 'HEAD' ? '' : body}`, 'latin1');
}

/** How the bytes of a case are written. */
export const ways = ['in one write', 'byte by byte'] as const;

export type Way = (typeof ways)[number];

/** Each piece is a read of its own on the other side: that is in this process too, and has its turn in between. */
export async function write(socket: Socket, bytes: string, way: Way): Promise<void> {
  socket.setNoDelay(true);
  for (const piece of way === 'in one write' ? [bytes] : piecesOf(bytes)) {
    if (socket.destroyed) return;
    socket.write(piece, 'latin1');
    await turn();
  }
}

const edge = 50;
const maxPieces = 200;

/** Single bytes; of much more than that, the first and the last ones, and a hundred pieces in between. */
function piecesOf(bytes: string): string[] {
  if (bytes.length <= 2_048) return [...bytes];
  const middle = bytes.slice(edge, -edge);
  const size = Math.ceil(middle.length / (maxPieces - 2 * edge));
  const pieces = Array.from({ length: Math.ceil(middle.length / size) }, (_, at) =>
    middle.slice(at * size, (at + 1) * size),
  );
  return [...bytes.slice(0, edge), ...pieces, ...bytes.slice(-edge)];
}

/** Milliseconds. Whatever takes longer waits for something that will not come. */
const patience = 2_000;

export async function soon<T>(work: Promise<T>, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of it: ${what()}`)), patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
