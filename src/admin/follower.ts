import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../foundation/clock.js';
import { pause } from '../foundation/clock.js';

/** Milliseconds between signs of life, so that no one on the way takes a quiet stream for a dead one. */
export const keepAliveInterval = 15_000;

export const signOfLife = ':\n\n';

const encoder = new TextEncoder();

/** Things that come one after the other, and are taken when there is somebody to tell of them. */
export interface Followed {
  /** The next one, as `data` of a server-sent event of its type; searching: none yet, and there may be more; undefined: none by now. */
  next(): { readonly type: string } | { readonly type: 'searching' } | undefined;
  /** Tells when there may be a next one; the answer ends it. */
  onNews(listener: () => void): () => void;
  /**
   * The share of the mesh's time, up to 1, that all followers together may take while there is more to tell than that. What
   * then goes before it is told is missed: that traffic is watched must not slow it down.
   */
  readonly share: number;
}

/**
 * News wait for others, to be told with them: to tell each alone would cost more than all the rest of it, and nobody sees a
 * twentieth of a second. So many do not wait: a service at 20,000 requests a second would write over what nobody has read yet.
 */
const gathering = { milliseconds: 50, most: 400 };

/** Milliseconds: a handful that took long, for the program was stopped in it (Ctrl-Z), shall not silence the stream for as many times that. */
const longestRest = 1_000;

/** Characters that are handed on at once: as many as a socket takes, and made in less than a millisecond. */
const handfulCharacters = 64 * 1_024;

/**
 * One reader of what is followed, from its question until it leaves or the mesh ends. Things are taken when it asks for
 * more, and not before: one that does not read costs the mesh nothing, and is told how much it has missed.
 */
export class Follower {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #followed: Followed;
  readonly #clock: Clock;
  readonly #onLeave: () => void;
  /** How many followers there are, this one included. */
  readonly #number: () => number;
  /** Aborted with the end, be it that of the mesh or of the reader. */
  readonly #over = new AbortController();
  #hasLeft = false;
  /** When something was told last, by the monotonic clock. */
  #toldAt: number;
  /** It has not come to the end of what there is. */
  #isSearching = false;
  /** Until then it is somebody else's time, by the monotonic clock. */
  #restsUntil = 0;

  constructor(followed: Followed, clock: Clock, number: () => number, onLeave: () => void) {
    this.#followed = followed;
    this.#clock = clock;
    this.#toldAt = clock.monotonic();
    this.#number = number;
    this.#onLeave = onLeave;
    this.stream = new ReadableStream<Uint8Array>(
      { pull: (controller) => this.#tell(controller), cancel: () => this.#leave() },
      { highWaterMark: 0 },
    );
  }

  /** What is left is told, and then that it is the end: to one that reads on while the API waits for its last connections. */
  end(): void {
    this.#over.abort();
  }

  #leave(): void {
    this.#hasLeft = true;
    this.#onLeave();
    this.#over.abort();
  }

  async #tell(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const { signal } = this.#over;
    await this.#rest();
    let told = this.#handful();
    while (told === undefined && !this.#hasLeft && (this.#isSearching || !signal.aborted)) {
      await (this.#isSearching ? this.#rest() : this.#news());
      told = this.#handful();
      if (this.#quiet >= keepAliveInterval) told ??= encoder.encode(signOfLife); // of what is not wanted, nothing is told
    }
    if (this.#hasLeft) return;
    this.#toldAt = this.#clock.monotonic();
    if (told !== undefined) return controller.enqueue(told);
    controller.enqueue(encoder.encode(frame({ type: 'end' })));
    controller.close();
    this.#onLeave();
  }

  /** Milliseconds since something was told last. */
  get #quiet(): number {
    return this.#clock.monotonic() - this.#toldAt;
  }

  /** The next ones, as many as go together; undefined when there is none yet. */
  #handful(): Uint8Array | undefined {
    const begin = this.#clock.monotonic();
    let text = '';
    while (text.length < handfulCharacters) {
      const event = this.#followed.next();
      this.#isSearching = event?.type === 'searching';
      if (event === undefined || this.#isSearching) break;
      text += frame(event);
    }
    const bytes = text === '' ? undefined : encoder.encode(text);
    const now = this.#clock.monotonic();
    const rest = (now - begin) * (this.#number() / this.#followed.share - 1);
    this.#restsUntil = now + Math.min(rest, longestRest);
    return bytes;
  }

  /** Between two handfuls, the gateway has its turn. */
  async #rest(): Promise<void> {
    const left = this.#restsUntil - this.#clock.monotonic();
    await (left > 0 ? pause(this.#clock, left, this.#over.signal) : turn());
  }

  /** Waits until there may be something to tell, a sign of life is due, or it is the end. */
  #news(): Promise<void> {
    const { signal } = this.#over;
    return new Promise((resolve) => {
      const settle = () => {
        off();
        cancel();
        signal.removeEventListener('abort', settle);
        resolve();
      };
      let news = 0;
      const off = this.#followed.onNews(() => {
        news++;
        if (news === gathering.most) settle();
        if (news > 1) return;
        cancel();
        cancel = this.#clock.after(gathering.milliseconds, settle);
      });
      let cancel = this.#clock.after(keepAliveInterval - this.#quiet, settle);
      signal.addEventListener('abort', settle);
    });
  }
}

function frame(event: { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
