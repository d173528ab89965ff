import type { Socket } from 'node:net';
import { seededRandom } from '../../src/foundation/random.js';
import { eachRequest } from './raw-request.js';
import { RawUpstream } from './upstream.js';

/** What a moody service may do with a request. */
export type Mood = keyof typeof moods;

/**
 * A service that answers a request for `/id` with a body that names the id, and of which chance (with that seed) decides how
 * it answers, and whether. Each mood is given with its share.
 */
export class Moody implements AsyncDisposable {
  /** The answer to `/id`, whenever there is one. */
  static bodyFor(id: string): string {
    return `<${id}> `.repeat(20 + (Number(id) % 7) * 200);
  }

  readonly upstream: RawUpstream;
  readonly #arrived: Map<string, number>;
  /** How often it was in which mood. */
  readonly had: Map<Mood, number>;

  private constructor(upstream: RawUpstream, arrived: Map<string, number>, had: Map<Mood, number>) {
    this.upstream = upstream;
    this.#arrived = arrived;
    this.had = had;
  }

  static async start(seed: number, shares: Partial<Record<Mood, number>>): Promise<Moody> {
    const random = seededRandom(seed);
    const arrived = new Map<string, number>();
    const had = new Map<Mood, number>();
    const moodOf = new WeakMap<Socket, Mood>();
    const choices = moodsOf(shares);
    const upstream = await RawUpstream.start(
      eachRequest(
        (socket, request) => moods[moodOf.get(socket) ?? 'answers'](socket, request.target.slice(1)),
        (socket, head) => {
          const mood = choices[Math.floor(random() * choices.length)] ?? 'answers';
          const asked = `${head.method} ${head.target}`;
          arrived.set(asked, (arrived.get(asked) ?? 0) + 1);
          had.set(mood, (had.get(mood) ?? 0) + 1);
          moodOf.set(socket, mood);
          if (!early.has(mood)) return false;
          moods[mood](socket, head.target.slice(1));
          return true;
        },
      ),
    );
    return new Moody(upstream, arrived, had);
  }

  /** How often the request has come in: `POST /7`. */
  timesSeen(asked: string): number {
    return this.#arrived.get(asked) ?? 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.upstream.close();
  }
}

/** Each mood as often as its share says, out of 100. */
function moodsOf(shares: Partial<Record<Mood, number>>): Mood[] {
  return names.flatMap((mood) => Array.from({ length: shares[mood] ?? 0 }, () => mood));
}

const answer = (id: string, more = '') => {
  const body = Moody.bodyFor(id);
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
};

const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';

const moods = {
  answers: (socket: Socket, id: string) => void socket.write(answer(id)),
  answersInChunks(socket: Socket, id: string) {
    const body = Moody.bodyFor(id);
    socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`);
    setImmediate(() => socket.write('0\r\n\r\n'));
  },
  answersUntilItEnds: (socket: Socket, id: string) => void socket.end(`HTTP/1.1 200 OK\r\n\r\n${Moody.bodyFor(id)}`),
  answersAndCloses: (socket: Socket, id: string) => void socket.end(answer(id)),
  answersInPieces(socket: Socket, id: string) {
    const whole = answer(id);
    socket.setNoDelay(true);
    socket.write(whole.slice(0, 9));
    setTimeout(() => socket.write(whole.slice(9)), 10);
  },
  stalls: (socket: Socket, id: string) => void setTimeout(() => socket.write(answer(id)), 50),
  closes: (socket: Socket) => void socket.end(),
  resets: (socket: Socket) => void socket.resetAndDestroy(),
  talksNonsense: (socket: Socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n'),
  breaksOffInTheHead: (socket: Socket, id: string) => void socket.end(answer(id).slice(0, 30)),
  breaksOffInTheBody: (socket: Socket, id: string) => void socket.end(answer(id).slice(0, -5)),
  resetsInTheBody(socket: Socket, id: string) {
    socket.write(answer(id).slice(0, -5), () => socket.resetAndDestroy());
  },
  saysTooMuch: (socket: Socket, id: string) => void socket.write(`${answer(id)}${poison}`),
  neverAnswers() {},
  /** Before it has read the body, and reads on. */
  answersEarly: (socket: Socket, id: string) => void socket.end(answer(id, 'Connection: close\r\n')),
  /** Before it has read the body, and reads no more: what is unread resets the connection. */
  answersEarlyAndLeaves(socket: Socket, id: string) {
    socket.pause();
    socket.write(answer(id, 'Connection: close\r\n'), () => socket.destroy());
  },
} satisfies Record<string, (socket: Socket, id: string) => void>;

const early = new Set<Mood>(['answersEarly', 'answersEarlyAndLeaves']);

const isMood = (name: string): name is Mood => name in moods;
const names = Object.keys(moods).filter(isMood);

/** All that it can do, answers being the most of it. */
export const everyMood: Readonly<Record<Mood, number>> = {
  answers: 30,
  answersInChunks: 10,
  answersUntilItEnds: 5,
  answersAndCloses: 5,
  answersInPieces: 5,
  stalls: 5,
  closes: 4,
  resets: 4,
  talksNonsense: 4,
  breaksOffInTheHead: 4,
  breaksOffInTheBody: 4,
  resetsInTheBody: 4,
  saysTooMuch: 6,
  neverAnswers: 2,
  answersEarly: 4,
  answersEarlyAndLeaves: 4,
};
