import { setImmediate as turn } from 'node:timers/promises';
import type { Cancel, Clock } from '../foundation/clock.js';
import type { OutputReader, OutputStep } from '../supervisor/output.js';
import type { Control } from './control.js';
import type { LogEventView } from './logs-wire.js';
import type { EventView } from './wire.js';

/** Milliseconds between signs of life, so that no one on the way takes a quiet stream for a dead one. */
const keepAliveInterval = 15_000;

/**
 * Bytes that wait for a slow reader; one that falls behind further is cut off, and may come again. A prompt one must not
 * be: a reload may add a thousand instances in one turn, in which nobody can read.
 */
const backlogBytes = 4 * 1_024 * 1_024;

const signOfLife = ':\n\n';

/** Server-sent events (WHATWG HTML §9.2) of everything that happens and of what the services print, to everyone who asked. */
export class EventStreams {
  readonly #control: Control;
  readonly #clock: Clock;
  readonly #open = new Set<EventReader | LogFollower>();

  constructor(control: Control, clock: Clock) {
    this.#control = control;
    this.#clock = clock;
  }

  response(): Response {
    const reader = new EventReader(this.#control, this.#clock, () => this.#open.delete(reader));
    this.#open.add(reader);
    return responseOf(reader.stream);
  }

  logs(reader: OutputReader): Response {
    const follower = new LogFollower(reader, this.#control, this.#clock, () => this.#open.delete(follower));
    this.#open.add(follower);
    return responseOf(follower.stream);
  }

  close(): void {
    for (const reader of [...this.#open]) reader.end();
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

/** Characters that are handed on at once: as many as a socket takes, and made in less than a millisecond. */
const handfulCharacters = 64 * 1_024;

/**
 * One reader of the output, from its question until it leaves or the mesh ends. Lines are taken from the logs when it asks
 * for more, and not before: one that does not read costs the mesh nothing, and is told how many lines it has missed.
 */
class LogFollower {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #reader: OutputReader;
  readonly #control: Control;
  readonly #clock: Clock;
  readonly #onLeave: () => void;
  #state: 'open' | 'ending' | 'left' = 'open';
  /** When something was told last, by the monotonic clock. */
  #toldAt: number;
  /** The reader has not come to the end of what there is. */
  #isSearching = false;
  #wake: () => void = () => {};

  constructor(reader: OutputReader, control: Control, clock: Clock, onLeave: () => void) {
    this.#reader = reader;
    this.#control = control;
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
    controller.enqueue(this.#encoder.encode(logFrame({ type: 'end' })));
    controller.close();
    this.#onLeave();
  }

  async #nextHandful(): Promise<string> {
    if (this.#isSearching) await turn();
    else if (await this.#isQuiet()) return signOfLife;
    return this.#handful();
  }

  /** The next lines, as many as go together; empty when there is none yet. */
  #handful(): string {
    let text = '';
    while (text.length < handfulCharacters) {
      const step = this.#reader.next();
      this.#isSearching = step?.kind === 'searching';
      if (step === undefined || step.kind === 'searching') break;
      text += logFrame(viewStep(step));
    }
    return text;
  }

  /** Waits for something to tell, or the end: false; or until a sign of life is due: true. */
  #isQuiet(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isQuiet: boolean) => {
        off();
        cancel();
        this.#wake = () => {};
        resolve(isQuiet);
      };
      const off = this.#control.onOutput(({ service }) => {
        if (this.#reader.follows(service)) settle(false);
      });
      const quiet = this.#clock.monotonic() - this.#toldAt; // of lines that are not wanted, nothing is told
      const cancel = this.#clock.after(keepAliveInterval - quiet, () => settle(true));
      this.#wake = () => settle(false);
    });
  }
}

function viewStep(step: Exclude<OutputStep, { kind: 'searching' }>): LogEventView {
  switch (step.kind) {
    case 'line':
      return { type: 'line', ...step.line, traceId: step.traceId };
    case 'skipped':
      return { type: 'skipped', service: step.service, count: step.count };
    case 'live':
      return { type: 'live' };
  }
}

function logFrame(event: LogEventView): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function frame(id: number, event: EventView): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
