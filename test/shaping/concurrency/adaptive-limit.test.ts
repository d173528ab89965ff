import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { AdaptiveLimit } from '../../../src/shaping/concurrency/adaptive-limit.js';
import { ManualClock } from '../../support/manual-clock.js';
import type { Load, Upstream } from './simulation.js';
import { Simulation } from './simulation.js';

/** Milliseconds after a change, until which the limit has to have followed. */
const settling = 10_000;

/** Milliseconds from one change to the next. */
const phase = 20_000;

interface Setting {
  readonly seed: number;
  readonly upstream: Upstream;
  readonly load: Load;
}

function start({ seed, upstream, load }: Setting) {
  const clock = new ManualClock();
  const limit = new AdaptiveLimit(clock, seededRandom(seed));
  return { clock, limit, simulation: new Simulation({ clock, random: seededRandom(seed + 1), limit, upstream, load }) };
}

/** Work that takes `mean` milliseconds, within 20 %. */
function varying(mean: number, seed: number): () => number {
  const random = seededRandom(seed);
  return () => mean * (0.8 + 0.4 * random());
}

/** What was seen from one moment on. */
function seen({ served, limits }: Simulation, from: number, until: number) {
  const answers = served.filter(({ at }) => at >= from && at < until);
  const within = limits.filter(({ at }) => at >= from && at < until).map(({ limit }) => limit);
  const waits = answers.map(({ inside, work }) => inside - work).sort((a, b) => a - b);
  const work = answers.reduce((sum, answer) => sum + answer.work, 0);
  return {
    answersPerSecond: (answers.length * 1_000) / (until - from),
    /** How many servers had work, on average. */
    busy: work / (until - from),
    meanWork: work / answers.length,
    waitP99: waits[Math.floor(0.99 * waits.length)] ?? 0,
    limits: within,
  };
}

const serviceTimes = [5, 50, 200];
const loads = [0.7, 1.5, 3, 'closed'] as const;
const cases = serviceTimes.flatMap((ms, row) => loads.map((load, at) => ({ ms, load, seed: 10 * row + at })));

test.each(cases)(
  'a service of $ms ms that has 20, 5, then 40 places is given about as much, at a load of $load',
  (each) => {
    const { ms, seed } = each;
    const upstream = { servers: 20, serviceTime: varying(ms, seed + 2) };
    const open = { kind: 'open' as const, perSecond: 0 };
    const load: Load = each.load === 'closed' ? { kind: 'closed', clients: 120 } : open;
    const factor = each.load === 'closed' ? Infinity : each.load;
    const { clock, simulation } = start({ seed, upstream, load });

    for (const servers of [20, 5, 40]) {
      upstream.servers = servers;
      const capacity = (servers * 1_000) / ms;
      if (factor < Infinity) open.perSecond = factor * capacity;
      const changedAt = clock.monotonic();
      clock.advance(phase);
      const settled = seen(simulation, changedAt + settling, changedAt + phase);

      const unlessNoise = each.load === 0.7 ? 0.85 : 0.9; // few requests come as they like
      expect(settled.answersPerSecond).toBeGreaterThan(unlessNoise * Math.min(1, factor) * capacity);
      expect(settled.waitP99 + ms).toBeLessThan(3 * ms);
      const followed = seen(simulation, changedAt, changedAt + settling).limits;
      const isAboutRight = (limit: number) => limit >= 0.9 * servers && (factor < 1 || limit <= 3 * servers);
      expect(followed.some(isAboutRight)).toBe(true);
    }
  },
);

test('a limit that is not used does not rise, and one that is little used does not fall to nothing', () => {
  const upstream = { servers: 1_000, serviceTime: varying(50, 3) };
  const load = { kind: 'open' as const, perSecond: 600 }; // 30 under way
  const { clock, limit, simulation } = start({ seed: 1, upstream, load });
  clock.advance(60_000);
  expect(limit.current).toBeLessThan(120);

  load.perSecond = 20; // one under way
  clock.advance(120_000);

  expect(Math.min(...seen(simulation, 70_000, 180_000).limits)).toBeGreaterThan(5);
  expect(limit.current).toBeLessThan(120);
});

test.each([
  { becomes: 'faster', from: 200, to: 50 },
  { becomes: 'a little faster', from: 100, to: 70 },
  { becomes: 'slower', from: 50, to: 100 },
  { becomes: 'much slower', from: 50, to: 300 },
])('a service that becomes $becomes for everybody is used as before, 10 s later', ({ from, to }) => {
  const upstream = { servers: 20, serviceTime: varying(from, 3) };
  const { clock, simulation } = start({ seed: 1, upstream, load: { kind: 'closed', clients: 120 } });
  clock.advance(phase);

  upstream.serviceTime = varying(to, 4);
  clock.advance(3 * phase);
  const settled = seen(simulation, phase + settling, 4 * phase);

  expect(settled.busy).toBeGreaterThan(0.9 * 20);
  expect(settled.waitP99 + to).toBeLessThan(3 * to);
});

test('a service with one place is given two or three requests', () => {
  const upstream = { servers: 1, serviceTime: varying(50, 3) };
  const { clock, simulation } = start({ seed: 1, upstream, load: { kind: 'closed', clients: 30 } });
  clock.advance(phase);
  const settled = seen(simulation, settling, phase);

  expect(settled.busy).toBeGreaterThan(0.9);
  expect(Math.max(...settled.limits)).toBeLessThanOrEqual(3);
});

test.each([
  { slow: 0.02, ms: 2_000 },
  { slow: 0.05, ms: 200 },
  { slow: 0.2, ms: 200 },
])('an endpoint of $ms ms, $slow of the requests to a service of 5 ms, is not taken for overload', ({ slow, ms }) => {
  const random = seededRandom(5);
  const upstream = { servers: 20, serviceTime: () => (random() < slow ? ms : 5) };
  const { clock, simulation } = start({ seed: 1, upstream, load: { kind: 'closed', clients: 120 } });
  clock.advance(4 * phase);
  const settled = seen(simulation, settling, 4 * phase);

  expect(settled.busy).toBeGreaterThan(0.8 * 20);
  expect(settled.waitP99).toBeLessThan(2 * settled.meanWork);
});

test('a service that refuses all is given less and less, one that refuses a few is given as much, and it recovers', () => {
  const clock = new ManualClock();
  const limit = new AdaptiveLimit(clock, seededRandom(1));
  let count = 0;
  const give = (seconds: number, everyNth: number) => {
    for (let ms = 0; ms < 1_000 * seconds; ms += 5) {
      clock.advance(5);
      const wasDropped = ++count % everyNth === 0;
      for (let each = 0; each < 4; each++) limit.sample({ wasDropped, rttMs: 10, inFlight: limit.current });
    }
  };

  give(5, 100);
  const before = limit.current;
  give(2, 1);
  const refusing = limit.current;
  give(5, 100);

  expect(before).toBeGreaterThan(20);
  expect(refusing).toBe(1);
  expect(limit.current).toBeGreaterThan(20);
});
