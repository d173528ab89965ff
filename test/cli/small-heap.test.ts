import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { heapOfV8, keepHeapSmall } from '../../src/cli/small-heap.js';
import { ManualClock } from '../support/manual-clock.js';

/** A process that is as busy as it is told to be. */
function watched() {
  const clock = new ManualClock();
  const load = { share: 0, collections: 0 };
  keepHeapSmall(clock, { utilization: () => load.share, collect: () => load.collections++ });
  return { clock, load };
}

test('all is collected once when a minute has passed in which little was done', () => {
  const { clock, load } = watched();
  load.share = 0.9;
  clock.advance(60_000);
  expect(load.collections).toBe(0);

  load.share = 0.09;
  clock.advance(59_000);
  expect(load.collections).toBe(0);
  clock.advance(1_000);
  expect(load.collections).toBe(1);
  clock.advance(3_600_000);
  expect(load.collections).toBe(1);
});

test('what is done in between begins the time anew, and after it all is collected again', () => {
  const { clock, load } = watched();
  clock.advance(59_000);
  load.share = 0.1;
  clock.advance(1_000);
  load.share = 0;
  clock.advance(59_000);
  expect(load.collections).toBe(0);
  clock.advance(1_000);
  expect(load.collections).toBe(1);

  load.share = 0.1;
  clock.advance(1_000);
  load.share = 0;
  clock.advance(60_000);
  expect(load.collections).toBe(2);
});

test('what the collection itself takes is no reason for another', () => {
  const clock = new ManualClock();
  let collections = 0;
  let share = 0;
  const utilization = () => {
    const sinceLast = share;
    share = 0;
    return sinceLast;
  };
  const collect = () => {
    collections++;
    share = 0.9;
  };
  keepHeapSmall(clock, { utilization, collect });
  clock.advance(3_600_000);
  expect(collections).toBe(1);
});

test('V8 frees what nobody holds', async () => {
  const { collect } = heapOfV8();
  const unheld = new WeakRef(Array.from({ length: 1_000 }, () => ({})));
  await setTimeout(0); // what a turn has made or looked at stays until its end
  collect();

  expect(unheld.deref()).toBeUndefined();
});

test('a time of work is a busier one than a time of waiting', async () => {
  const { utilization } = heapOfV8();
  for (const begun = performance.now(); performance.now() < begun + 20; );
  const working = utilization();
  await setTimeout(50);
  const waiting = utilization();

  expect(working).toBeGreaterThan(waiting);
});
