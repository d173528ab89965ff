import { expect, test } from 'vitest';
import { Arrivals, coarse, configOf, heard } from './arrivals.js';

test('a burst passes at once, and the rest leave at exactly the rate, first come first served', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 3 });
  arrivals.crowd(6);
  expect(arrivals.names).toEqual(['0', '1', '2']);

  await arrivals.elapse(1_000);

  expect(arrivals.names).toEqual(['0', '1', '2', '3', '4', '5']);
  expect(arrivals.times).toEqual([0, 0, 0, 10, 20, 30]);
  expect(arrivals.clock.pending).toBe(0);
});

test('the first request of a key passes at once, also when time goes on while it is looked at', () => {
  let reading = 0;
  const arrivals = new Arrivals({ rate: 100, burst: 1 }, (clock) => ({
    now: () => clock.now(),
    monotonic: () => reading++ / 1_000,
    after: (delay, callback) => clock.after(delay, callback),
  }));

  expect(['a', 'b', 'a'].map((key) => arrivals.come('', key, 0).kind)).toEqual(['passed', 'passed', 'refused']);
});

test('whoever comes while somebody waits goes to the end of the line, also when its own token would be there', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 1 }, (clock) => coarse(clock, 5));
  arrivals.crowd(2);
  arrivals.clock.advance(12); // the turn came at 10, and the timer is late
  arrivals.come('late');

  await arrivals.elapse(100);

  expect(arrivals.names).toEqual(['0', '1', 'late']);
});

test('a bucket fills again while it rests, and never beyond its burst', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 3 });
  arrivals.crowd(3);

  await arrivals.elapse(20);
  expect([1, 2, 3].map(() => arrivals.come('', 'key', 0).kind)).toEqual(['passed', 'passed', 'refused']);
  await arrivals.elapse(60_000);

  expect([1, 2, 3, 4].map(() => arrivals.come('', 'key', 0).kind)).toEqual(['passed', 'passed', 'passed', 'refused']);
});

test('ten seconds of three times as many as may come let through the burst and ten seconds of the rate', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 10 });
  for (let count = 0; count < 3_000; count++) {
    arrivals.come('', 'key', 500);
    await arrivals.elapse(10 / 3);
  }
  const within = arrivals.times.filter((at) => at <= 10_000).length;

  expect(Math.abs(within - 1_010)).toBeLessThanOrEqual(1);
  expect(arrivals.limiter.numbers.refused).toBeGreaterThan(1_500);
});

test.each([3, 7, 333, 60 / 7, 999.9])(
  'at %d per second the thousandth departure is where the rate puts it',
  async (rate) => {
    const arrivals = new Arrivals({ rate, burst: 1 });
    arrivals.clock.advance(0.123);
    arrivals.crowd(1_001);

    await arrivals.elapse(1_000_000);

    expect(arrivals.times[1_000]).toBeCloseTo(0.123 + 1_000_000 / rate, 6);
  },
);

test.each([0, 1, 3])(
  'at 5,000 per second several leave with one timer, that is %d ms late, and none is lost or early',
  async (late) => {
    const arrivals = new Arrivals({ rate: 5_000, burst: 10 }, (clock) => coarse(clock, late));
    arrivals.clock.advance(0.7);
    arrivals.crowd(6_000);
    for (let elapsed = 1; elapsed <= 1_000; elapsed++) {
      await arrivals.elapse(1);
      expect(arrivals.clock.pending).toBe(1);
      expect(arrivals.passed.length).toBeLessThanOrEqual(10 + 5 * elapsed);
      expect(arrivals.passed.length).toBeGreaterThanOrEqual(10 + 5 * (elapsed - late - 1));
    }
  },
);

test('what was due while the process stood still is made up for to one second of it', async () => {
  let late = 0;
  const arrivals = new Arrivals({ rate: 100, burst: 1 }, (clock) => ({
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (delay, callback) => clock.after(delay + late, callback),
  }));
  late = 30_000;
  arrivals.crowd(1_000);
  late = 0;

  await arrivals.elapse(30_010);
  expect(arrivals.passed.length).toBe(1 + 101);
  await arrivals.elapse(100);

  expect(arrivals.passed.length).toBe(1 + 101 + 10);
});

test.each([
  { patience: 30, kinds: ['passed', 'queued', 'queued', 'queued', 'refused'], retryAfter: 10 },
  { patience: 29, kinds: ['passed', 'queued', 'queued', 'refused', 'refused'], retryAfter: 1 },
  { patience: 0, kinds: ['passed', 'refused', 'refused', 'refused', 'refused'], retryAfter: 10 },
])(
  'who would wait longer than $patience ms is refused when it comes, and told when to come again',
  ({ patience, kinds, retryAfter }) => {
    const arrivals = new Arrivals({ rate: 100, burst: 1 });

    expect([1, 2, 3, 4, 5].map(() => arrivals.come('', 'key', patience).kind)).toEqual(kinds);
    expect(arrivals.limiter.take('key', patience)).toEqual({ kind: 'refused', retryAfter });

    arrivals.clock.advance(retryAfter);
    expect(arrivals.come('', 'key', patience).kind).not.toBe('refused');
  },
);

test('where the excess is rejected, nobody ever waits', () => {
  const arrivals = new Arrivals({ rate: 100, burst: 2, excess: 'reject' });

  expect([1, 2, 3].map(() => arrivals.come('').kind)).toEqual(['passed', 'passed', 'refused']);
  expect(arrivals.limiter.take('key', 60_000)).toEqual({ kind: 'refused', retryAfter: 10 });
  expect(arrivals.limiter.waiting).toBe(0);
  expect(arrivals.clock.pending).toBe(0);

  arrivals.clock.advance(10);
  expect([1, 2].map(() => arrivals.come('').kind)).toEqual(['passed', 'refused']);
});

test('a client that leaves, leaves the line, and those behind it move up', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 1 });
  arrivals.come('first');
  const [a, b] = ['a', 'b', 'c', 'd'].map((name) => arrivals.come(name));

  a?.leave();
  expect(arrivals.limiter.waiting).toBe(3);
  await arrivals.elapse(15);
  b?.leave();
  await arrivals.elapse(100);

  expect(arrivals.left).toEqual(['a']);
  expect(arrivals.passed).toEqual([
    { name: 'first', at: 0 },
    { name: 'b', at: 10 },
    { name: 'c', at: 20 },
    { name: 'd', at: 30 },
  ]);
  expect(arrivals.limiter.waiting).toBe(0);
});

test('when the last has left, no timer is left, and no token was spent on it', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 1 });
  arrivals.come('first');
  const waiting = [arrivals.come('a'), arrivals.come('b')];
  expect(arrivals.clock.pending).toBe(1);

  for (const each of waiting) each.leave();
  expect(arrivals.clock.pending).toBe(0);
  await arrivals.elapse(10);

  expect(arrivals.come('next', 'key', 0).kind).toBe('passed');
  expect(arrivals.left).toEqual(['a', 'b']);
});

test('whoever leaves twice, or when its turn has come, takes nobody with it', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 1 });
  arrivals.come('first');
  const [a, b] = ['a', 'b', 'c'].map((name) => arrivals.come(name));

  await arrivals.elapse(10);
  a?.leave();
  b?.leave();
  b?.leave();
  expect(arrivals.limiter.waiting).toBe(1);
  await arrivals.elapse(10);

  expect(arrivals.names).toEqual(['first', 'a', 'c']);
  expect(arrivals.left).toEqual(['b']);
});

test('no key waits for another: each has a bucket, a line and a timer of its own', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 1 });
  arrivals.crowd(50, 'greedy');
  expect(arrivals.come('modest', 'modest', 0).kind).toBe('passed');
  arrivals.come('again', 'modest');
  expect(arrivals.clock.pending).toBe(2);

  await arrivals.elapse(10);

  expect(arrivals.names).toEqual(['0', 'modest', '1', 'again']);
});

test('a higher rate lets the line go on faster, and a larger burst lets its first ones pass at once', async () => {
  const arrivals = new Arrivals({ rate: 10, burst: 1 });
  arrivals.crowd(8);

  arrivals.limiter.update(configOf({ rate: 100, burst: 4 }));
  await heard();
  expect(arrivals.times).toEqual([0, 0, 0, 0]);
  expect(arrivals.clock.pending).toBe(1);
  await arrivals.elapse(100);

  expect(arrivals.names).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  expect(arrivals.times).toEqual([0, 0, 0, 0, 10, 20, 30, 40]);
});

test('a lower rate holds for who waits already: it waits on, longer than it had patience', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 1 });
  arrivals.crowd(3, 'key', 20);

  await arrivals.elapse(5);
  arrivals.limiter.update(configOf({ rate: 10, burst: 1 }));
  await arrivals.elapse(1_000);

  expect(arrivals.times).toEqual([0, 55, 155]); // half of a token was there
});

test('what was spent stays spent when the limit is changed', () => {
  const arrivals = new Arrivals({ rate: 1, burst: 5 });
  arrivals.crowd(5);

  arrivals.limiter.update(configOf({ rate: 1, burst: 3 }));
  expect(arrivals.limiter.take('key', 0)).toEqual({ kind: 'refused', retryAfter: 1_000 });
  arrivals.limiter.update(configOf({ rate: 1, burst: 4 }));

  expect([1, 2].map(() => arrivals.come('', 'key', 0).kind)).toEqual(['passed', 'refused']);
});

test('another key, and another fate of the excess, drop nobody who waits', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 1 });
  arrivals.crowd(3);

  arrivals.limiter.update(configOf({ rate: 100, burst: 1, by: { kind: 'client' }, excess: 'reject' }));
  expect(arrivals.come('new').kind).toBe('refused');
  await arrivals.elapse(20);

  expect(arrivals.names).toEqual(['0', '1', '2']);
});

test('when there is no limit any more, whoever waits passes, and so does whoever comes', async () => {
  const arrivals = new Arrivals({ rate: 1, burst: 1 });
  arrivals.crowd(3, 'a');
  arrivals.crowd(3, 'b');

  arrivals.limiter.open();
  await heard();

  expect(arrivals.passed.length).toBe(6);
  expect(arrivals.clock.pending).toBe(0);
  expect(arrivals.limiter.waiting).toBe(0);
  expect(arrivals.come('', 'a', 0).kind).toBe('passed');
});

test('a limit that comes back holds', () => {
  const arrivals = new Arrivals({ rate: 1, burst: 1 });
  arrivals.limiter.open();
  arrivals.crowd(3);

  arrivals.limiter.update(configOf({ rate: 1, burst: 1 }));

  expect([1, 2].map(() => arrivals.come('', 'key', 0).kind)).toEqual(['passed', 'refused']);
});

test('the numbers are of the last ten seconds, each request counted once', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 2 });
  arrivals.crowd(10, 'key', 50);
  expect(arrivals.limiter.numbers).toEqual({ passed: 2, delayed: 5, refused: 3 });

  await arrivals.elapse(10_000);

  expect(arrivals.limiter.numbers).toEqual({ passed: 0, delayed: 0, refused: 0 });
});
