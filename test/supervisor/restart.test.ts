import { expect, test } from 'vitest';
import type { Exit } from '../../src/supervisor/restart.js';
import { afterExit, isLoop } from '../../src/supervisor/restart.js';

const well: Exit = { kind: 'code', code: 0 };
const badly: Exit = { kind: 'code', code: 1 };
const killed: Exit = { kind: 'signal', signal: 'SIGKILL' };

test.each([
  { policy: 'always', exit: well, kind: 'again' },
  { policy: 'always', exit: badly, kind: 'again' },
  { policy: 'on-failure', exit: well, kind: 'leave' },
  { policy: 'on-failure', exit: badly, kind: 'again' },
  { policy: 'on-failure', exit: killed, kind: 'again' },
  { policy: 'never', exit: badly, kind: 'leave' },
  { policy: 'never', exit: killed, kind: 'leave' },
] as const)('restart: $policy after $exit means $kind', ({ policy, exit, kind }) => {
  expect(afterExit(policy, exit, 1).kind).toBe(kind);
});

test('the delay doubles from 250 ms to 10 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100].map(delay)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test('a program that ends at once is started five times in its first 6 s', () => {
  let starts = 1;
  for (let time = delay(1); time <= 6_000; time += delay(starts)) starts += 1;

  expect(starts).toBe(5);
});

test('the third end in a row is a loop', () => {
  expect([0, 1, 2, 3, 4].map(isLoop)).toEqual([false, false, false, true, true]);
});

function delay(exitsInARow: number): number {
  const decision = afterExit('always', badly, exitsInARow);
  return decision.kind === 'again' ? decision.delay : Number.NaN;
}
