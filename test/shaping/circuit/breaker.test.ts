import { expect, test } from 'vitest';
import type { CircuitBreakerConfig } from '../../../src/config/policy-configs.js';
import type { Admission } from '../../../src/shaping/circuit/breaker.js';
import { Breaker } from '../../../src/shaping/circuit/breaker.js';
import { ManualClock } from '../../support/manual-clock.js';

const byRate: CircuitBreakerConfig = {
  per: 'service',
  failureRate: 0.5,
  minimumRequests: 4,
  consecutiveFailures: undefined,
  window: 10_000,
  openFor: 5_000,
  probes: 2,
};
const inARow: CircuitBreakerConfig = { ...byRate, failureRate: undefined, consecutiveFailures: 3 };

function breakerOf(config: CircuitBreakerConfig) {
  const clock = new ManualClock();
  const changes: string[] = [];
  const breaker = new Breaker(config, clock, ({ from, to, because }) => changes.push(`${from} → ${to}: ${because}`));
  return { clock, changes, breaker };
}

/** Sends one request after the other: + succeeds, - fails, c is left by its client. Tells of each whether it went through. */
function send(breaker: Breaker, requests: string): string {
  return [...requests].map((how) => (end(breaker.admit(), how) ? how : 'x')).join('');
}

function end(admission: Admission, how: string): boolean {
  if (admission.kind === 'refused') return false;
  if (how === 'c') admission.forget();
  else admission.done(how === '-');
  return true;
}

test.each([
  { config: inARow, requests: '--+--+', went: '--+--+', why: 'failures that are not in a row keep it closed' },
  { config: inARow, requests: '+---++', went: '+---xx', why: 'three in a row open it' },
  { config: inARow, requests: '--c-+', went: '--c-x', why: 'a client that leaves says nothing either way' },
  { config: byRate, requests: '---+++', went: '---+xx', why: 'the rate is looked at from four requests on' },
  { config: byRate, requests: '+-+-+', went: '+-+-x', why: 'half of them are enough' },
  { config: byRate, requests: '++-+-+-++', went: '++-+-+-++', why: 'less than half are not' },
  { config: byRate, requests: '-c-c-cc', went: '-c-c-cc', why: 'who leaves is not one of the four' },
])('$requests: $went, as $why', ({ config, requests, went }) => {
  const { breaker } = breakerOf(config);

  expect(send(breaker, requests)).toBe(went);
});

test('either rule opens it, and says why', () => {
  const both = { ...byRate, consecutiveFailures: 3 };
  const [first, second] = [breakerOf(both), breakerOf({ ...both, minimumRequests: 8 })];

  send(first.breaker, '+---');
  send(second.breaker, '--+--+-+');

  expect(first.changes).toEqual(['closed → open: 3 failures in a row']);
  expect(second.changes).toEqual(['closed → open: 63 % of 8 requests failed']);
  expect(second.breaker.state).toEqual({ kind: 'open', untilMs: 5_000, because: '63 % of 8 requests failed' });
});

test('what is older than the window counts no more', () => {
  const { breaker, clock } = breakerOf(byRate);
  send(breaker, '---');
  expect(breaker.state).toEqual({ kind: 'closed', failures: 3, requests: 3 });

  clock.advance(10_000);

  expect(breaker.state).toEqual({ kind: 'closed', failures: 0, requests: 0 });
  expect(send(breaker, '-++++')).toBe('-++++');
});

test('while it is open, whoever is refused hears how long that will last', () => {
  const { breaker, clock } = breakerOf(inARow);
  send(breaker, '---');
  clock.advance(1_500);

  expect(breaker.admit()).toEqual({
    kind: 'refused',
    retryAfterMs: 3_500,
    met: { kind: 'open', remaining: 3_500, because: '3 failures in a row' },
  });
});

test('then so many go through as must succeed, and the rest is refused until they have', () => {
  const { breaker, clock, changes } = breakerOf(inARow);
  send(breaker, '---');
  clock.advance(4_999);
  expect(send(breaker, '+')).toBe('x');
  clock.advance(1);

  const probes = [breaker.admit(), breaker.admit()];
  expect(breaker.admit()).toMatchObject({ kind: 'refused', retryAfterMs: 0, met: { kind: 'half-open' } });
  for (const probe of probes.slice(0, 1)) end(probe, '+');
  expect(breaker.state).toEqual({ kind: 'half-open', underWay: 1, succeeded: 1 });
  expect(send(breaker, '+')).toBe('x');
  for (const probe of probes.slice(1)) end(probe, '+');

  expect(breaker.state).toEqual({ kind: 'closed', failures: 0, requests: 0 });
  expect(changes.slice(1)).toEqual([
    'open → half-open: it is time to look again',
    'half-open → closed: 2 probes succeeded',
  ]);
  expect(send(breaker, '--+'), 'the failures of before are forgotten').toBe('--+');
});

test('one probe that fails opens it for as long again', () => {
  const { breaker, clock, changes } = breakerOf(inARow);
  send(breaker, '---');
  clock.advance(6_000);

  expect(send(breaker, '+-+')).toBe('+-x');

  expect(breaker.state).toEqual({ kind: 'open', untilMs: 11_000, because: 'a probe failed' });
  expect(changes.at(-1)).toBe('half-open → open: a probe failed');
});

test('a probe whose client leaves gives its place to another', () => {
  const { breaker, clock } = breakerOf(inARow);
  send(breaker, '---');
  clock.advance(5_000);

  expect(send(breaker, 'cccccc++-')).toBe('cccccc++-');
});

test('probes that hang keep it shut no longer than it was open: then as many again go through', () => {
  const { breaker, clock } = breakerOf(inARow);
  send(breaker, '---');
  clock.advance(5_000);
  const hanging = [breaker.admit(), breaker.admit()];
  clock.advance(4_999);
  expect(send(breaker, '+')).toBe('x');
  clock.advance(1);

  expect(send(breaker, '++')).toBe('++');

  expect(breaker.state.kind).toBe('closed');
  for (const probe of hanging) end(probe, '-');
  expect(breaker.state).toEqual({ kind: 'closed', failures: 0, requests: 0 });
});

test('what was under way when the breaker changed says nothing afterwards', () => {
  const { breaker, clock } = breakerOf(inARow);
  const [late, later] = [breaker.admit(), breaker.admit()];
  send(breaker, '---');
  clock.advance(5_000);
  const [probe, other] = [breaker.admit(), breaker.admit()];

  end(late, '-');
  expect(breaker.state).toEqual({ kind: 'half-open', underWay: 2, succeeded: 0 });
  end(probe, '-');
  const opened = breaker.state;
  clock.advance(1_000);
  end(other, '-');
  end(later, '+');

  expect(breaker.state).toEqual(opened);
});

test('only the first word on a request counts', () => {
  const { breaker } = breakerOf(inARow);
  const admission = breaker.admit();

  for (const how of '-----c+') end(admission, how);

  expect(breaker.state).toEqual({ kind: 'closed', failures: 1, requests: 1 });
});

test('after a reload a closed one counts on, by the new rules', () => {
  const { breaker } = breakerOf(inARow);
  const underWay = breaker.admit();
  send(breaker, '--');

  breaker.update({ ...inARow, window: 60_000 });
  expect(breaker.state, 'another window begins anew').toEqual({ kind: 'closed', failures: 0, requests: 0 });
  end(underWay, '-');

  expect(breaker.state).toMatchObject({ kind: 'open', because: '3 failures in a row' });
});

test('after a reload an open one is open for as long as was said', () => {
  const { breaker, clock } = breakerOf(inARow);
  send(breaker, '---');

  breaker.update({ ...inARow, openFor: 1 });
  clock.advance(4_999);

  expect(breaker.admit()).toMatchObject({ kind: 'refused', retryAfterMs: 1 });
});

test('after a reload a half-open one closes when it has seen enough', () => {
  const { breaker, clock, changes } = breakerOf(inARow);
  send(breaker, '---');
  clock.advance(5_000);
  send(breaker, '+');

  breaker.update({ ...inARow, probes: 1 });

  expect(changes.at(-1)).toBe('half-open → closed: a probe succeeded');
});
