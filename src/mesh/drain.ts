import type { Clock } from '../foundation/clock.js';
import { pause } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';
import type { Measure } from '../telemetry/measure.js';

/** Milliseconds that a request may take until its answer begins. */
const unansweredLimit = 5_000;
/** Milliseconds for an answer that has begun: most are over at once, and a stream of events or a tunnel never is. */
const answeringLimit = 1_000;
const lookEvery = 10;

/** Resolves when an instance that gets no new requests has finished those it has, or was given time enough. */
export async function drained(measure: Measure, clock: Clock, instance: Instance): Promise<void> {
  const began = clock.monotonic();
  for (;;) {
    const waited = clock.monotonic() - began;
    const { unanswered, answering } = measure.inHand(instance);
    const isWorthIt = (unanswered > 0 && waited < unansweredLimit) || (answering > 0 && waited < answeringLimit);
    if (!isWorthIt) return;
    await pause(clock, lookEvery);
  }
}

/** The same for one that may have nothing to finish: then undefined. */
export function finishing(measure: Measure, clock: Clock, instance: Instance): Promise<void> | undefined {
  const { unanswered, answering } = measure.inHand(instance);
  return unanswered + answering === 0 ? undefined : drained(measure, clock, instance);
}
