import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../foundation/clock.js';

/** Milliseconds between signs of life, so that no one on the way takes a quiet stream for a dead one. */
export const keepAliveInterval = 15_000;

export const signOfLife = ':\n\n';

/** Things that come one after the other, and are taken when there is somebody to tell of them. */
export interface Followed {
  /** The next one, as `data` of a server-sent event of its type; searching: none yet, and there may be more; undefined: none by now. */
  next(): { readonly type: string } | { readonly type: 'searching' } | undefined;
  /** Tells when there may be a next one; the answer ends it. */
  onNews(listener: () => void): () => void;
}

/** Milliseconds that news wait for others, to be told with them: nobody sees it, and most of the cost of one is that of telling. */
const gathering = 25;

/** Characters that are handed on at once: as many as a socket takes, and made in less than a millisecond. */
const handfulCharacters = 64 * 1_024;

/**
 * One reader of what is followed, from its question until it leaves or the mesh ends. Things are taken when it asks for
 * more, and not before: one that does not read costs the mesh nothing, and is told how much it has missed.
 */
export class Follower {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #followed: Followed;
  readonly #clock: Clock;
  readonly #onLeave: () => void;
  #state: 'open' | 'ending' | 'left' = 'open';
  /** When something was told last, by the monotonic clock. */
  #toldAt: number;
  /** It has not come to the end of what there is. */
  #isSearching = false;
  #wake: () => void = () => {};

  constructor(followed: Followed, clock: Clock, onLeave: () => void) {
    this.#followed = followed;
    this.#clock = clock;
    this.#toldAt = clock.monotonic();
    this.#onLeave = onLeave;
    this.stream = new ReadableStream<Uint8Array>(
      { pull: (controller) => this.#tell(controller), cancel: () => this.#leave() },
      { highWaterMark: 0 },
    );
  }

  /** What is left is told, and then that it is the end. */
  end(): void {
    this.#state = 'ending';
    this.#wake();
  }

  #leave(): void {
    this.#state = 'left';
    this.#onLeave();
    this.#wake();
  }

  async #tell(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    await turn(); // between two handfuls, the gateway has its turn
    let text = this.#handful();
    while (text === '' && this.#state === 'open') text = await this.#nextHandful();
    if (this.#state === 'left') return;
    this.#toldAt = this.#clock.monotonic();
    if (text !== '') return controller.enqueue(this.#encoder.encode(text));
    controller.enqueue(this.#encoder.encode(frame({ type: 'end' })));
    controller.close();
    this.#onLeave();
  }

  async #nextHandful(): Promise<string> {
    await (this.#isSearching ? turn() : this.#news());
    const text = this.#handful();
    return text === '' && this.#quiet >= keepAliveInterval ? signOfLife : text; // of what is not wanted, nothing is told
  }

  /** Milliseconds since something was told last. */
  get #quiet(): number {
    return this.#clock.monotonic() - this.#toldAt;
  }

  /** The next ones, as many as go together; empty when there is none yet. */
  #handful(): string {
    let text = '';
    while (text.length < handfulCharacters) {
      const event = this.#followed.next();
      this.#isSearching = event?.type === 'searching';
      if (event === undefined || this.#isSearching) break;
      text += frame(event);
    }
    return text;
  }

  /** Waits until there may be something to tell, a sign of life is due, or it is the end. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        off();
        cancel();
        this.#wake = () => {};
        resolve();
      };
      const off = this.#followed.onNews(() => {
        off();
        cancel();
        cancel = this.#clock.after(gathering, settle);
      });
      let cancel = this.#clock.after(keepAliveInterval - this.#quiet, settle);
      this.#wake = settle;
    });
  }
}

function frame(event: { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
