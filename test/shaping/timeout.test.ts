import { expect, test } from 'vitest';
import { compose } from '../../src/exchange/compose.js';
import type { Layer } from '../../src/exchange/layer.js';
import { timeout } from '../../src/shaping/timeout.js';
import { exchangeOf } from '../support/exchange.js';
import { ManualClock } from '../support/manual-clock.js';

function toOrders() {
  const exchange = exchangeOf();
  exchange.service = 'orders';
  return exchange;
}

/** A service that never answers: it ends when the exchange is aborted. */
const silence: Layer = (exchange) => new Promise((_, reject) => exchange.onAbort(reject));

test('an exchange without a response head in time is ended with request_timeout, not earlier', async () => {
  const clock = new ManualClock();
  const exchange = toOrders();
  const done = compose([timeout(clock, 2_000), silence])(exchange);

  clock.advance(1_999);
  expect(exchange.abortedBy).toBeUndefined();
  clock.advance(1);

  await expect(done).rejects.toMatchObject({
    code: 'request_timeout',
    message: '`orders` did not answer within 2s',
  });
  expect(clock.pending).toBe(0);
});

test('once the head is there, nothing is cut any more', async () => {
  const clock = new ManualClock();
  const exchange = toOrders();

  await compose([timeout(clock, 2_000), async () => {}])(exchange);
  clock.advance(60_000);

  expect(exchange.abortedBy).toBeUndefined();
  expect(clock.pending).toBe(0);
});
