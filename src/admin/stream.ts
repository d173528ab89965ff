import type { Clock } from '../foundation/clock.js';
import type { Control } from './control.js';
import type { EventView } from './wire.js';

/** Milliseconds between signs of life, so that no one on the way takes a quiet stream for a dead one. */
const keepAliveInterval = 15_000;

/** Bytes that wait for a slow reader; one that falls behind further is cut off, and may come again. */
const backlogBytes = 256 * 1_024;

/** Server-sent events (WHATWG HTML §9.2) of everything that happens, to everyone who asked. */
export class EventStreams {
  readonly #control: Control;
  readonly #clock: Clock;
  readonly #open = new Set<() => void>();

  constructor(control: Control, clock: Clock) {
    this.#control = control;
    this.#clock = clock;
  }

  response(): Response {
    return new Response(this.#stream(), {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    });
  }

  close(): void {
    for (const end of [...this.#open]) end();
  }

  #stream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    let finish = () => {};
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          let id = 0;
          const send = (text: string) => {
            if ((controller.desiredSize ?? 0) <= 0) end();
            else controller.enqueue(encoder.encode(text));
          };
          const unsubscribe = this.#control.onEvent((event) => send(frame(++id, event)));
          let cancelBeat = () => {};
          const beat = () => {
            send(':\n\n');
            cancelBeat = this.#clock.after(keepAliveInterval, beat);
          };
          finish = () => {
            unsubscribe();
            cancelBeat();
            this.#open.delete(end);
          };
          const end = () => {
            finish();
            controller.close();
          };
          this.#open.add(end);
          beat(); // the head goes out with it: the reader knows that it is connected
        },
        cancel: () => finish(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: backlogBytes }),
    );
  }
}

function frame(id: number, event: EventView): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
