import { expect, test } from 'vitest';
import { compose } from '../../src/exchange/compose.js';
import type { Layer } from '../../src/exchange/layer.js';
import { judged } from '../../src/exchange/verdict.js';
import { MeshError } from '../../src/foundation/errors.js';
import { seededRandom } from '../../src/foundation/random.js';
import { concurrency } from '../../src/shaping/concurrency/concurrency.js';
import { ConcurrencyLimiter } from '../../src/shaping/concurrency/limiter.js';
import { connectionPool } from '../../src/shaping/connection-pool.js';
import { ConnectionSlots } from '../../src/shaping/connection-slots.js';
import { perTryTimeout, timeout } from '../../src/shaping/timeout.js';
import { exchangeOf } from '../support/exchange.js';
import { ManualClock } from '../support/manual-clock.js';

/** A layer that follows may refuse in the same breath: no promise is there yet, and what was taken must be given back. */
const refusing: Layer = () => {
  throw new MeshError('no_healthy_instance');
};

function sentTo(layer: Layer): Promise<void> {
  return compose([layer, refusing])(exchangeOf());
}

const refused = expect.objectContaining({ code: 'no_healthy_instance' });

test.each([timeout, perTryTimeout])('no timer runs on', async (layer) => {
  const clock = new ManualClock();
  await expect(sentTo(layer(clock, 1_000))).rejects.toEqual(refused);
  expect(clock.pending).toBe(0);
});

test('a connection is given back', async () => {
  const slots = new ConnectionSlots({ maxConnections: 1, maxPendingRequests: 0 });
  await expect(sentTo(connectionPool(slots, new ManualClock()))).rejects.toEqual(refused);
  expect(slots.used).toBe(0);
});

test.each([1, 'adaptive' as const])('a place under a limit of %s is given back', async (limit) => {
  const clock = new ManualClock();
  const config = { limit, queue: 0, maxWait: 0, priorityHeader: undefined };
  const limiter = new ConcurrencyLimiter(config, { clock, random: seededRandom(1) });
  await expect(sentTo(concurrency(limiter, clock, () => 'normal'))).rejects.toEqual(refused);
  expect(limiter.underWay).toBe(0);
});

test('what it says of the instance is heard', async () => {
  const heard: unknown[] = [];
  await expect(sentTo((exchange, next) => judged(exchange, next, (verdict) => heard.push(verdict)))).rejects.toEqual(
    refused,
  );
  expect(heard).toHaveLength(1);
});
