import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { Ids } from '../../../src/telemetry/traces/ids.js';
import { Sampler } from '../../../src/telemetry/traces/sampler.js';

const random = seededRandom(7);
const ids = new Ids((pool) => {
  for (let at = 0; at < pool.length; at++) pool[at] = random() * 256;
});
const traces = Array.from({ length: 20_000 }, () => ids.trace());

test.each([0, 0.001, 0.1, 0.5, 0.9, 1])('a share of %d is that share of the traces', (share) => {
  const sampler = new Sampler(share);
  const sampled = traces.filter((trace) => sampler.isSampled(trace)).length;
  const deviation = Math.sqrt(traces.length * share * (1 - share));
  expect(Math.abs(sampled - traces.length * share)).toBeLessThanOrEqual(4 * deviation);
});

test('what a small share samples, a larger one does too: whoever samples less has whole traces', () => {
  const [small, large] = [new Sampler(0.1), new Sampler(0.3)];
  const sampled = traces.filter((trace) => small.isSampled(trace));
  expect(sampled.length).toBeGreaterThan(1_000);
  expect(sampled.every((trace) => large.isSampled(trace))).toBe(true);
});

test.each([
  ['the last 14 digits decide, as OpenTelemetry says', `${'f'.repeat(18)}${'0'.repeat(14)}`, false],
  ['and the largest of them are sampled', `${'0'.repeat(18)}8${'0'.repeat(13)}`, true],
  ['of the half, not the largest that is left out', `${'f'.repeat(18)}7${'f'.repeat(13)}`, false],
])('%s', (_, trace, expected) => {
  expect(new Sampler(0.5).isSampled(trace)).toBe(expected);
});
