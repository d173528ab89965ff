import type { Fields } from '../http1/fields.js';
import type { BodySink } from './body-sink.js';

/** What the bytes of a body pass on their way to its sink: it may hold them up, change them, or break off. */
export interface BodyStep extends BodySink {
  /** Bytes that it was given and has not passed on. */
  readonly held: number;
  /** What is behind it can take more. */
  resume(): void;
  /** The way has ended here, whatever was under way: nothing of it is wanted any more. */
  stop(): void;
}

/** What a step has around it. */
export interface StepRooms {
  readonly behind: BodySink;
  /** The step can take more, after its `write` has returned false. */
  more(): void;
  /** Nobody wants the rest: the source may give it up. */
  cancel(): void;
}

export type MakeStep = (rooms: StepRooms) => BodyStep;

/** What steps tell the body whose way they are. */
export interface StepsRooms extends Pick<StepRooms, 'more' | 'cancel'> {
  /** All has gone through, to the last byte. */
  passed(): void;
}

/** Steps one behind the other, as one sink. */
export class Steps implements BodySink {
  /** The first is nearest to the source. */
  readonly #steps: BodyStep[] = [];
  readonly #first: BodySink;
  readonly #more: () => void;

  constructor(makers: readonly MakeStep[], sink: BodySink, { more, cancel, passed }: StepsRooms) {
    this.#more = more;
    let behind = tellingEnd(sink, passed);
    for (const [index, make] of [...makers.entries()].reverse()) {
      const step = make({ behind, more: () => (index === 0 ? more() : this.#steps[index - 1]?.resume()), cancel });
      this.#steps.unshift(step);
      behind = step;
    }
    this.#first = behind;
  }

  get held(): number {
    return this.#steps.reduce((sum, { held }) => sum + held, 0);
  }

  get holdsNothing(): boolean {
    return this.#first.holdsNothing;
  }

  write(bytes: Buffer): boolean {
    return this.#first.write(bytes);
  }

  end(trailers: Fields): void {
    this.#first.end(trailers);
  }

  fail(): void {
    this.#first.fail();
  }

  /** The sink behind all of them can take more. */
  resume(): void {
    const last = this.#steps.at(-1);
    if (last === undefined) this.#more();
    else last.resume();
  }

  stop(): void {
    for (const step of this.#steps) step.stop();
  }
}

function tellingEnd(sink: BodySink, passed: () => void): BodySink {
  return {
    write: (bytes) => sink.write(bytes),
    get holdsNothing() {
      return sink.holdsNothing;
    },
    end(trailers) {
      passed();
      sink.end(trailers);
    },
    fail: () => sink.fail(),
  };
}
