import { expect, test } from 'vitest';
import type { BandwidthConfig } from '../../../src/config/shaping-configs.js';
import { Pacers } from '../../../src/shaping/bandwidth/pacers.js';
import { exchangeOf } from '../../support/exchange.js';
import { ManualClock } from '../../support/manual-clock.js';

const slow: BandwidthConfig = { up: undefined, down: 1_000, per: 'exchange' };
const fast: BandwidthConfig = { ...slow, down: 1_000_000 };
const burst = { slow: 10, fast: 10_000 }; // of ten milliseconds

test.each(['exchange', 'service'] as const)('a pacer per %s follows a change until its exchange is over', (per) => {
  const clock = new ManualClock();
  const pacers = new Pacers({ ...fast, per }, clock);
  const exchange = exchangeOf();
  const pacer = pacers.pacerFor(exchange, 'down');
  pacers.update({ ...slow, per: per === 'exchange' ? 'service' : 'exchange' }); // whom nobody shares any more
  clock.advance(10_000);
  expect(pacer?.take(burst.fast)).toBe(burst.slow);
  exchange.finish({ kind: 'answered', status: 200 });
  pacers.update(fast);
  clock.advance(10_000);
  expect(pacer?.take(burst.fast)).toBe(burst.slow); // it is nobody's: that it is remembered would be a leak
});

test('what fits into the burst passes at once, and costs those who share the rate', () => {
  const clock = new ManualClock();
  const own = new Pacers(slow, clock);
  expect([own.pass('down', burst.slow), own.pass('down', burst.slow), own.pass('down', burst.slow + 1)]).toEqual([
    true,
    true,
    false,
  ]);
  const shared = new Pacers({ ...slow, per: 'service' }, clock);
  expect([shared.pass('down', burst.slow), shared.pass('down', 1)]).toEqual([true, false]);
});

test('a direction without a rate holds nothing', () => {
  const pacers = new Pacers(slow, new ManualClock());
  expect(pacers.pass('up', 1e9)).toBe(true);
  expect(pacers.pacerFor(exchangeOf(), 'up')).toBeUndefined();
});
