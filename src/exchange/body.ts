import { empty, withOne, withoutOne } from '../foundation/small-lists.js';
import { Fields } from '../http1/fields.js';
import type { BodySink } from './body-sink.js';
import type { BodySource } from './body-source.js';
import type { MakeStep, StepsRooms } from './body-step.js';
import { Steps } from './body-step.js';
import { Replay } from './replay.js';

/** Bytes that one connection holds for another that is slower, before it reads no more. */
export const highWater = 64 * 1024;

/**
 * The body of a message on its way: its source writes, its one sink takes, neither waits for a whole one. What comes before
 * there is a sink, or while that holds back, is kept here, and the source is paused at 64 KiB of it.
 *
 * Not a stream of Node's: one of those costs a small body 2 µs, this one 0.2, and each exchange has two.
 */
export class Body {
  readonly #source: BodySource | undefined;
  #sink: BodySink | undefined;
  #makers: MakeStep[] = noSteps;
  /** Those behind all others. */
  #lastMakers: MakeStep[] = noSteps;
  #steps: Steps | undefined;
  #state: 'open' | 'ended' | 'failed' = 'open';
  #trailers = noTrailers;
  #kept: Buffer[] = keptNothing;
  #keptBytes = 0;
  #received = 0;
  #sinkIsFull = false;
  #isPaused = false;
  /** The sink has been told of the end, or of the failure. */
  #isOver = false;
  #onTaken: ReadonlyArray<() => void> = empty;
  #onSettled: ReadonlyArray<() => void> = empty;
  #onBytes: ((bytes: Buffer) => void) | undefined;
  #replay: Replay | undefined;

  /** @param source undefined where all of it is written before anybody looks */
  constructor(source: BodySource | undefined) {
    this.#source = source;
  }

  /** One that is there as a whole. */
  static of(bytes: Buffer): Body {
    const body = new Body(undefined);
    if (bytes.length > 0) body.write(bytes);
    body.end(noTrailers);
    return body;
  }

  /** Bytes that came in, so far. */
  get received(): number {
    return this.#received;
  }

  /** All of it came in; it need not have been taken. */
  get isComplete(): boolean {
    return this.#state === 'ended';
  }

  get hasFailed(): boolean {
    return this.#state === 'failed';
  }

  /** Bytes that went to the sink, so far. */
  get taken(): number {
    return this.#received - this.#keptBytes - (this.#steps?.held ?? 0);
  }

  /** All of it came in, and nothing is left to be taken. */
  get isTaken(): boolean {
    return this.#state === 'ended' && this.taken === this.#received;
  }

  /** More could come, but what is there is not taken. */
  get isHeldBack(): boolean {
    return this.#sinkIsFull || this.#keptBytes > 0 || (this.#steps?.held ?? 0) > 0;
  }

  /** None of the bytes that came are needed any more: their memory can be used again. */
  get holdsNothing(): boolean {
    return this.#kept.length === 0 && this.#replay === undefined && this.#sink?.holdsNothing === true;
  }

  // The source's side.

  write(bytes: Buffer): void {
    this.#received += bytes.length;
    this.#onBytes?.(bytes);
    if (this.#sink !== undefined && !this.#sinkIsFull) {
      if (this.#give(this.#sink, bytes)) return;
      this.#sinkIsFull = true;
    } else {
      if (this.#kept.length === 0)
        this.#kept = [bytes]; // nearly always the only one: see small-lists.ts
      else this.#kept.push(bytes);
      this.#keptBytes += bytes.length;
      if (this.#keptBytes < highWater) return;
    }
    this.#pause();
  }

  end(trailers: Fields): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#trailers = trailers;
    this.#settle();
  }

  fail(): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#sinkIsFull = false; // it is told at once, whatever it still has to write
    this.#settle();
  }

  // The sink's side.

  /** All that goes to a sink from now on passes this step, behind those which were there before. */
  through(make: MakeStep): void {
    this.#makers = [...this.#makers, make];
  }

  /** The same, behind all that are and all that will be there: it sees the bytes as the sink does. */
  throughLast(make: MakeStep): void {
    this.#lastMakers = [...this.#lastMakers, make];
  }

  /** From now on, `sink` gets all there is and all that comes. */
  pipe(sink: BodySink): void {
    this.#pipe(sink, this.#allMakers);
  }

  /** The sink can take more. */
  resume(): void {
    if (this.#steps === undefined) this.#more();
    else this.#steps.resume();
  }

  /** All of it, when it has come as a whole, is not larger, and nobody took any of it; then it is taken. */
  takeWhole(maxBytes: number): Buffer | undefined {
    if (this.#state !== 'ended' || this.#trailers.size > 0 || this.#keptBytes > maxBytes) return undefined;
    if (this.#allMakers.length > 0) return undefined;
    if (this.#received === 0) return nothing; // as often as one likes
    if (this.#sink !== undefined) return undefined;
    const bytes = this.#kept.length === 1 ? (this.#kept[0] ?? nothing) : Buffer.concat(this.#kept);
    this.pipe(nowhere);
    return bytes;
  }

  /** Reads the rest and throws it away. */
  discard(): void {
    this.#sinkIsFull = false;
    this.#pipe(nowhere, noSteps);
  }

  /** Nobody wants the rest: the source may give it up. */
  cancel(): void {
    if (this.#state === 'open') this.#source?.cancel();
    this.discard();
  }

  /** Calls `listener` once nothing is left to be taken; the answer takes it back. */
  whenTaken(listener: () => void): () => void {
    this.#onTaken = withOne(this.#onTaken, listener);
    return () => {
      this.#onTaken = withoutOne(this.#onTaken, listener);
    };
  }

  /** Calls `listener` once no more can come: it is whole, or has failed; at once when that is so already. */
  whenSettled(listener: () => void): void {
    if (this.#state !== 'open') return void listener();
    this.#onSettled = withOne(this.#onSettled, listener);
  }

  /** Shows `listener` all that comes, and first what is there, as long as nothing was taken. It only looks. */
  tap(listener: (bytes: Buffer) => void): void {
    for (const bytes of this.#kept) listener(bytes);
    this.#onBytes = listener;
  }

  /** From now on keeps what is taken, as long as it is no more than so many bytes: then it can be taken once more. */
  keepForReplay(maxBytes: number): void {
    this.#replay = new Replay(maxBytes);
  }

  /** All that has come and is kept, be it taken or not; undefined when some of it is not. */
  get replayable(): readonly Buffer[] | undefined {
    if (this.#keptBytes === this.#received) return this.#kept;
    const given = this.#replay?.chunks;
    return given === undefined ? undefined : [...given, ...this.#kept];
  }

  /** Its sink is forgotten, and the next one gets it from the beginning. @returns whether that can be: else nothing has changed */
  rewind(): boolean {
    const all = this.replayable;
    if (all === undefined) return false;
    this.#steps?.stop();
    this.#steps = undefined;
    this.#sink = undefined;
    this.#sinkIsFull = false;
    this.#isOver = false;
    this.#kept = [...all];
    this.#keptBytes = this.#received;
    this.#replay?.restart();
    if (this.#keptBytes >= highWater) this.#pause();
    return true;
  }

  get #allMakers(): MakeStep[] {
    return this.#lastMakers.length === 0 ? this.#makers : [...this.#makers, ...this.#lastMakers];
  }

  #pipe(sink: BodySink, makers: MakeStep[]): void {
    this.#steps?.stop();
    this.#steps = makers.length === 0 ? undefined : new Steps(makers, sink, this.#stepsRooms());
    this.#sink = this.#steps ?? sink;
    this.#flow();
  }

  #stepsRooms(): StepsRooms {
    return {
      more: () => this.#more(),
      cancel: () => queueMicrotask(() => this.cancel()), // a step says it while it is written to
      passed: () => this.#tellTaken(),
    };
  }

  #more(): void {
    if (!this.#sinkIsFull) return;
    this.#sinkIsFull = false;
    this.#flow();
  }

  #flow(): void {
    let written = 0;
    while (written < this.#kept.length && !this.#sinkIsFull) {
      const bytes = this.#kept[written++] ?? nothing;
      this.#keptBytes -= bytes.length;
      if (this.#sink !== undefined && !this.#give(this.#sink, bytes)) this.#sinkIsFull = true;
    }
    this.#kept = written === this.#kept.length ? keptNothing : this.#kept.slice(written);
    if (this.#sinkIsFull) return;
    if (this.#state === 'open') this.#unpause();
    else this.#finish();
  }

  #give(sink: BodySink, bytes: Buffer): boolean {
    this.#replay?.keep(bytes);
    return sink.write(bytes);
  }

  /** Tells of the end, or of the failure: who waits for it, and the sink as soon as there is one. */
  #finish(): void {
    if (this.#state === 'failed') this.#kept = keptNothing;
    if (this.#isOver || this.#kept.length > 0 || this.#sinkIsFull) return;
    if (this.#steps === undefined && this.#state === 'ended') this.#tellTaken();
    if (this.#sink === undefined) return;
    this.#isOver = true;
    if (this.#state === 'ended') this.#sink.end(this.#trailers);
    else this.#sink.fail();
  }

  #tellTaken(): void {
    const onTaken = this.#onTaken;
    this.#onTaken = empty;
    for (const listener of onTaken) listener();
  }

  #settle(): void {
    const onSettled = this.#onSettled;
    this.#onSettled = empty;
    for (const listener of onSettled) listener();
    this.#finish();
  }

  #pause(): void {
    if (this.#isPaused || this.#state !== 'open') return;
    this.#isPaused = true;
    this.#source?.pause();
  }

  #unpause(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#source?.resume();
  }
}

const nothing = Buffer.alloc(0);
const keptNothing: Buffer[] = []; // stays empty: it is replaced and not pushed to
const noTrailers = new Fields();
const noSteps: MakeStep[] = [];

const nowhere: BodySink = { write: () => true, holdsNothing: true, end: () => {}, fail: () => {} };
