import { expect, test } from 'vitest';
import { LeastRequest } from '../../src/balancing/least-request.js';
import { LoadBook } from '../../src/balancing/load.js';
import { PeakEwma } from '../../src/balancing/peak-ewma.js';
import { SlowStart } from '../../src/balancing/slow-start.js';
import { seededRandom } from '../../src/foundation/random.js';
import type { Instance } from '../../src/registry/instance.js';
import { ManualClock } from '../support/manual-clock.js';
import { countsOf, instancesOf, pickOf } from './instance.js';

function begin(choiceCount = 2) {
  const clock = new ManualClock();
  const loads = new LoadBook(clock);
  const random = seededRandom(9);
  return {
    clock,
    loads,
    leastRequest: new LeastRequest(choiceCount, loads, random, new SlowStart(clock, 0)),
    peakEwma: new PeakEwma(choiceCount, loads, random, new SlowStart(clock, 0)),
  };
}

test('least-request: of two instances, the one with fewer requests under way is picked, always', () => {
  const { loads, leastRequest } = begin();
  const candidates = instancesOf([1, 1]);
  const [busy, idle] = candidates;
  if (busy === undefined || idle === undefined) throw new Error('there are two');
  loads.of(busy).active = 1;
  expect(countsOf(leastRequest, candidates, 100)).toEqual([0, 100]);
  loads.of(idle).active = 2;
  expect(countsOf(leastRequest, candidates, 100)).toEqual([100, 0]);
});

test.each(['leastRequest', 'peakEwma'] as const)('%s: requests that stay under way pile up by weight', (name) => {
  const { loads, [name]: policy } = begin();
  const candidates = instancesOf([3, 1, 2]);
  for (let request = 0; request < 600; request++) hold(loads, pickOf(policy, candidates));
  const [first = 0, second = 0, third = 0] = candidates.map((instance) => loads.of(instance).active);
  expect(Math.abs(first - 300)).toBeLessThan(6);
  expect(Math.abs(second - 100)).toBeLessThan(6);
  expect(Math.abs(third - 200)).toBeLessThan(6);
});

test('least-request: at two requests at a time, a light instance gets neither half nor nothing', () => {
  const { loads, leastRequest } = begin();
  const candidates = instancesOf([9, 1]);
  let ofLight = 0;
  let earlier: Instance | undefined;
  for (let request = 0; request < 20_000; request++) {
    const picked = pickOf(leastRequest, candidates);
    hold(loads, picked);
    if (earlier !== undefined) loads.of(earlier).active--;
    earlier = picked;
    if (picked === candidates[1]) ofLight++;
  }
  // Each pick sees one under way: light is drawn at all in 19 % of pairs, and wins them all beside a busy heavy one.
  expect(ofLight / 20_000).toBeCloseTo(0.16, 1.7); // within 0.01
});

test('more choices find the idle one among many more often', () => {
  const shareOfIdle = (choiceCount: number) => {
    const { loads, leastRequest } = begin(choiceCount);
    const candidates = instancesOf(Array.from({ length: 10 }, () => 1));
    for (const instance of candidates.slice(1)) loads.of(instance).active = 1;
    return (countsOf(leastRequest, candidates, 10_000)[0] ?? 0) / 10_000;
  };
  expect(shareOfIdle(2)).toBeCloseTo(0.2, 1.7); // two of ten
  expect(shareOfIdle(5)).toBeGreaterThan(0.4);
});

test('peak-ewma: the faster one is picked, until what it has in hand outweighs its speed', () => {
  const { loads, peakEwma } = begin();
  const candidates = instancesOf([1, 1]);
  const [slow, fast] = candidates;
  if (slow === undefined || fast === undefined) throw new Error('there are two');
  loads.of(slow).observe(50, false);
  loads.of(fast).observe(10, false);
  expect(countsOf(peakEwma, candidates, 100)).toEqual([0, 100]);
  loads.of(fast).active = 5; // (5 + 1) × 10 ms against 50 ms
  expect(countsOf(peakEwma, candidates, 100)).toEqual([100, 0]);
});

test('peak-ewma: a slow one is left alone, tried again, and gets its share when it has recovered', () => {
  const { clock, loads, peakEwma } = begin();
  const candidates = instancesOf([1, 1]);
  let slowness = 400;
  /** One request at a time, ten a second: the share of the first instance. */
  const shareOver = (seconds: number) => {
    let first = 0;
    for (let request = 0; request < seconds * 10; request++) {
      const picked = pickOf(peakEwma, candidates);
      const isFirst = picked === candidates[0];
      if (isFirst) first++;
      clock.advance(100);
      if (picked !== undefined) loads.of(picked).observe(isFirst ? slowness : 10, false);
    }
    return first / (seconds * 10);
  };

  expect(shareOver(120)).toBeLessThan(0.02);
  slowness = 10;
  shareOver(40); // 400 ms are forgotten
  expect(shareOver(60)).toBeCloseTo(0.5, 0.7); // within 0.1
});

test('peak-ewma: an instance that refuses everything at once does not draw the traffic', () => {
  const { clock, loads, peakEwma } = begin();
  const candidates = instancesOf([1, 1]);
  let failures = 0;
  for (let request = 0; request < 600; request++) {
    const picked = pickOf(peakEwma, candidates);
    clock.advance(100);
    if (picked === undefined) continue;
    const isFailing = picked === candidates[0];
    if (isFailing) failures++;
    loads.of(picked).observe(isFailing ? 0.1 : 10, isFailing);
  }
  expect(failures).toBeGreaterThan(0);
  expect(failures / 600).toBeLessThan(0.05);
});

test('peak-ewma: a stranger that does not answer is given only what the known ones are not faster for', () => {
  const { loads, peakEwma } = begin();
  const candidates = instancesOf([1, 1]);
  const [known, stranger] = candidates;
  if (known === undefined || stranger === undefined) throw new Error('there are two');
  loads.of(known).observe(5, false);
  for (let request = 0; request < 100; request++) {
    const picked = pickOf(peakEwma, candidates);
    if (picked === stranger) hold(loads, picked);
  }
  expect(loads.of(stranger).active).toBe(10); // 5 ms against 0.5 ms
});

function hold(loads: LoadBook, instance: Instance | undefined): void {
  if (instance === undefined) throw new Error('somebody is always picked');
  loads.of(instance).active++;
}
