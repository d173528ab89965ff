import { RingBuffer } from '../foundation/ring-buffer.js';
import type { SeenAnswer } from './answer-digest.js';

/** One request, answered twice. */
export interface Comparison {
  readonly method: string;
  readonly target: string;
  readonly primary: SeenAnswer;
  readonly mirrored: SeenAnswer;
}

export type Difference = 'status' | 'content-type' | 'body';

export interface Sample extends Comparison {
  readonly differs: readonly Difference[];
}

/** Differing answers that are kept to be looked at. */
const samplesKept = 20;

/** What came of the copies that were sent to a mirror. */
export class MirrorBook {
  #underWay = 0;
  #same = 0;
  #skipped = 0;
  #failed = 0;
  #lastFailure: string | undefined;
  /** Milliseconds, summed over the answers of each side. */
  readonly #durations = { primary: 0, mirrored: 0 };
  readonly #differences: Record<Difference, number> = { status: 0, 'content-type': 0, body: 0 };
  #different = 0;
  readonly #samples = new RingBuffer<Sample>(samplesKept);

  get underWay(): number {
    return this.#underWay;
  }

  begin(): void {
    this.#underWay++;
  }

  /** A request that was chosen and not copied: its body was too long, or too many copies were under way. */
  skip(): void {
    this.#skipped++;
  }

  /** The mirror has not answered. */
  fail(reason: string): void {
    this.#underWay--;
    this.#failed++;
    this.#lastFailure = reason;
  }

  compare(comparison: Comparison): void {
    this.#underWay--;
    const { primary, mirrored } = comparison;
    this.#durations.primary += primary.duration;
    this.#durations.mirrored += mirrored.duration;
    const differs = differencesOf(primary, mirrored);
    if (differs.length === 0) {
      this.#same++;
      return;
    }
    this.#different++;
    for (const difference of differs) this.#differences[difference]++;
    this.#samples.push({ ...comparison, differs });
  }

  summary() {
    const compared = this.#same + this.#different;
    const mean = (sum: number) => (compared === 0 ? undefined : sum / compared);
    return {
      compared,
      different: this.#different,
      differences: { ...this.#differences },
      failed: this.#failed,
      lastFailure: this.#lastFailure,
      skipped: this.#skipped,
      /** Milliseconds. */
      meanDuration: { primary: mean(this.#durations.primary), mirrored: mean(this.#durations.mirrored) },
      samples: [...this.#samples],
    };
  }
}

function differencesOf(primary: SeenAnswer, mirrored: SeenAnswer): Difference[] {
  const differs: Difference[] = [];
  if (primary.status !== mirrored.status) differs.push('status');
  if (primary.contentType !== mirrored.contentType) differs.push('content-type');
  if (primary.hash !== mirrored.hash) differs.push('body');
  return differs;
}
