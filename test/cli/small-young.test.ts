import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { keepYoungSmall } from '../../src/cli/small-young.js';

const MiB = 1024 * 1024;

/** A V8 that says how much room it has, and is told by what to multiply it. */
function v8(capacity: number) {
  const told: number[] = [];
  const young = { capacity, collected: () => {} };
  keepYoungSmall({
    capacity: () => young.capacity,
    growBy: (factor) => told.push(factor),
    onCollected: (listener) => {
      young.collected = listener;
    },
  });
  return { young, told };
}

test.each([
  [1, 8],
  [2, 4],
  [4, 2],
  [8, 1],
  [16, 1],
])('from room for %i MiB of new objects V8 grows by %i, which ends at 8', (capacity, factor) => {
  expect(v8(capacity * MiB * 0.98).told).toEqual([factor]); // V8 keeps a little of it for itself
});

test('it is told anew when a collection has found the room to be another, and only then', () => {
  const { young, told } = v8(MiB);
  young.collected();
  young.capacity = 8 * MiB;
  young.collected();
  young.collected();
  young.capacity = MiB; // V8 takes it back from a process at rest
  young.collected();
  expect(told).toEqual([8, 1, 8]);
});

/** A process in which much lives on, and all that it has is new. */
const hoarder = (isLimited: boolean) => `
  import { setImmediate } from 'node:timers/promises';
  import { keepYoungSmall, youngOfV8 } from './dist/cli/small-young.js';
  const { capacity } = youngOfV8();
  if (${isLimited}) keepYoungSmall();
  const kept = [];
  let made = 0;
  let most = 0;
  for (let round = 0; round < 200; round++) {
    for (let count = 0; count < 20_000; count++) kept[made++ % 100_000] = { made, in: [round] };
    await setImmediate();
    most = Math.max(most, capacity());
  }
  console.log(Math.ceil(most / 2 ** 20));
`;

test.each([
  [false, 16],
  [true, 8],
])('limited: %s, V8 makes room for %i MiB of new objects under load', (isLimited, room) => {
  const program = ['--max-semi-space-size=16', '--input-type=module', '--eval', hoarder(isLimited)]; // whatever the machine has
  expect(Number(execFileSync(process.execPath, program, { encoding: 'utf8' }))).toBe(room);
});
