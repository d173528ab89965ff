import { expect, test } from 'vitest';
import type { ProbeResult, Verdict } from '../../src/health/verdict.js';
import { healthOf, healthy, judge, unproven } from '../../src/health/verdict.js';

/** + a success, - a failure; and after each what is said: H healthy, U unhealthy, . nothing yet. */
test.each([
  { from: unproven, results: '+', said: 'H', why: 'one success is enough for who never passed' },
  { from: unproven, results: '--+', said: '..H', why: 'failures before do not make it harder' },
  { from: unproven, results: '----', said: '..UU', why: 'who never passes is said to be unhealthy in the end' },
  { from: unproven, results: '-----+', said: '..UUUH', why: 'and still needs one success only' },
  { from: healthy, results: '--+--+', said: 'HHHHHH', why: 'failures that are not in a row change nothing' },
  { from: healthy, results: '---', said: 'HHU', why: 'three in a row do' },
  { from: healthy, results: '---+', said: 'HHUU', why: 'one success is not enough to come back' },
  { from: healthy, results: '---++', said: 'HHUUH', why: 'two in a row are' },
  { from: healthy, results: '---+-+-++', said: 'HHUUUUUUH', why: 'successes that are not in a row are not' },
  { from: healthy, results: '---++---', said: 'HHUUHHHU', why: 'the counting begins anew with each change' },
])('$results is $said: $why', ({ from, results, said }) => {
  const thresholds = { healthyThreshold: 2, unhealthyThreshold: 3 };
  let verdict: Verdict = from;
  let heard = '';

  for (const sign of results) {
    const result: ProbeResult = sign === '+' ? { kind: 'passed' } : { kind: 'failed', reason: 'connection refused' };
    verdict = judge(verdict, result, thresholds);
    heard += { healthy: 'H', unhealthy: 'U', nothing: '.' }[healthOf(verdict, thresholds) ?? 'nothing'];
  }

  expect(heard).toBe(said);
});
