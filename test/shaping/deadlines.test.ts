import { expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange/exchange.js';
import { Deadlines } from '../../src/shaping/deadlines.js';
import { exchangeOf } from '../support/exchange.js';
import { ManualClock } from '../support/manual-clock.js';

function deadlines() {
  const clock = new ManualClock();
  const expired: Array<{ readonly exchange: Exchange; readonly at: number }> = [];
  const set = new Deadlines(clock, 100, (exchange) => expired.push({ exchange, at: clock.monotonic() }));
  return { clock, expired, set };
}

test('each comes at its own time, and one timer does for all', () => {
  const { clock, expired, set } = deadlines();
  const exchanges = [0, 10, 10, 70].map((pause) => {
    clock.advance(pause);
    const exchange = exchangeOf();
    set.set(exchange);
    return exchange;
  });
  expect(clock.pending).toBe(1);

  clock.advance(1_000);

  expect(expired).toEqual(exchanges.map((exchange, index) => ({ exchange, at: [100, 110, 120, 190][index] })));
  expect(clock.pending).toBe(0);
});

test.each(['the earliest', 'one between', 'the latest'])('%s is taken back, and the others come', (which) => {
  const { clock, expired, set } = deadlines();
  const exchanges = [exchangeOf(), exchangeOf(), exchangeOf()];
  const cancels = exchanges.map((exchange) => {
    clock.advance(10);
    return set.set(exchange);
  });
  const out = ['the earliest', 'one between', 'the latest'].indexOf(which);

  cancels[out]?.();
  cancels[out]?.(); // once is enough
  clock.advance(1_000);

  const others = [0, 1, 2].filter((at) => at !== out);
  expect(expired).toEqual(others.map((at) => ({ exchange: exchanges[at], at: 110 + at * 10 })));
});

test('when all are taken back, no timer runs on, and the next one has its whole time', () => {
  const { clock, expired, set } = deadlines();
  const cancels = [set.set(exchangeOf()), set.set(exchangeOf())];
  clock.advance(60);
  for (const cancel of cancels) cancel();
  expect(clock.pending).toBe(0);

  set.set(exchangeOf());
  clock.advance(99);
  expect(expired).toEqual([]);
  clock.advance(1);
  expect(expired).toHaveLength(1);
});

test('what an end sets off may set the next and take others back', () => {
  const clock = new ManualClock();
  const ended: string[] = [];
  const set = new Deadlines(clock, 100, (exchange) => {
    ended.push(exchange.id);
    if (exchange.id !== 'first') return;
    cancelSecond();
    set.set(named('third'));
  });
  set.set(named('first'));
  const cancelSecond = set.set(named('second'));

  clock.advance(150);
  expect(ended).toEqual(['first']);
  expect(clock.pending).toBe(1);
  clock.advance(50);
  expect(ended).toEqual(['first', 'third']);
  expect(clock.pending).toBe(0);
});

function named(id: string): Exchange {
  const exchange = exchangeOf();
  exchange.id = id;
  return exchange;
}
