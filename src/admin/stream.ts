import type { Cancel, Clock } from '../foundation/clock.js';
import type { Control } from './control.js';
import type { Followed } from './follower.js';
import { Follower, keepAliveInterval, signOfLife } from './follower.js';
import type { EventView } from './wire.js';

/**
 * Bytes that wait for a slow reader; one that falls behind further is cut off, and may come again. A prompt one must not
 * be: a reload may add a thousand instances in one turn, in which nobody can read.
 */
const backlogBytes = 4 * 1_024 * 1_024;

/** Server-sent events (WHATWG HTML §9.2) of everything that happens, and of whatever is followed, to everyone who asked. */
export class EventStreams {
  readonly #control: Control;
  readonly #clock: Clock;
  readonly #open = new Set<EventReader>();
  readonly #followers = new Set<Follower>();

  constructor(control: Control, clock: Clock) {
    this.#control = control;
    this.#clock = clock;
  }

  response(): Response {
    const reader = new EventReader(this.#control, this.#clock, () => this.#open.delete(reader));
    this.#open.add(reader);
    return responseOf(reader.stream);
  }

  follow(followed: Followed): Response {
    const follower: Follower = new Follower(
      followed,
      this.#clock,
      () => this.#followers.size,
      () => this.#followers.delete(follower),
    );
    this.#followers.add(follower);
    return responseOf(follower.stream);
  }

  close(): void {
    for (const reader of [...this.#open, ...this.#followers]) reader.end();
  }
}

const streamFields = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  connection: 'close', // it ends with the API, which would wait for a connection that its client keeps for more
};

function responseOf(stream: ReadableStream<Uint8Array>): Response {
  return new Response(stream, { headers: streamFields });
}

/** One reader of the events, from its question until it leaves, is cut off, or the mesh ends. */
class EventReader {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  readonly #onLeave: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #cancelBeat: Cancel = () => {};
  #lastId = 0;

  constructor(control: Control, clock: Clock, onLeave: () => void) {
    this.#clock = clock;
    this.#onLeave = onLeave;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.#leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: backlogBytes }),
    );
    this.#unsubscribe = control.onEvent((event) => this.#send(frame(++this.#lastId, event)));
    this.#beat(); // the head goes out with it: the reader knows that it is connected
  }

  end(): void {
    const controller = this.#controller;
    this.#leave();
    controller?.close();
  }

  #leave(): void {
    this.#controller = undefined;
    this.#unsubscribe();
    this.#cancelBeat();
    this.#onLeave();
  }

  #beat(): void {
    this.#send(signOfLife);
    if (this.#controller !== undefined) this.#cancelBeat = this.#clock.after(keepAliveInterval, () => this.#beat());
  }

  #send(text: string): void {
    if ((this.#controller?.desiredSize ?? 0) <= 0) this.end();
    else this.#controller?.enqueue(this.#encoder.encode(text));
  }
}

function frame(id: number, event: EventView): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
