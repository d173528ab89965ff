import { expect, test } from 'vitest';
import type { FaultConfig } from '../../../src/config/shaping-configs.js';
import { compose } from '../../../src/exchange/compose.js';
import { MeshError } from '../../../src/foundation/errors.js';
import { FaultBook } from '../../../src/shaping/faults/fault-book.js';
import { faults } from '../../../src/shaping/faults/faults.js';
import { exchangeOf } from '../../support/exchange.js';
import { TestGateway } from '../../support/gateway.js';
import { ManualClock } from '../../support/manual-clock.js';

const match = {
  path: undefined,
  method: undefined,
  headers: {},
  caller: undefined,
  version: undefined,
  instance: undefined,
};
const anHour: FaultConfig = {
  effect: { kind: 'delay', time: 3_600_000, jitter: 0, distribution: 'uniform' },
  percentage: 1,
  match,
};

test('of one that leaves while it is held up, nothing waits on', async () => {
  const clock = new ManualClock();
  const book = new FaultBook([anHour], 'orders', { seed: 1, clock });
  await using mesh = await TestGateway.start({ orders: { at: [{ address: { host: '127.0.0.1', port: 1 } }] } });
  const exchange = exchangeOf();
  exchange.instance = mesh.registry.service('orders')?.instances[0];
  const done = compose([faults(book, clock), async () => {}])(exchange);
  expect(clock.pending).toBe(1);
  exchange.abort(new MeshError('client_gone'));
  await expect(done).rejects.toMatchObject({ code: 'client_gone' });
  expect(clock.pending).toBe(0);
});

test('who comes out of a queue after the faults were lifted does not meet them any more', async () => {
  const clock = new ManualClock();
  const book = new FaultBook([{ ...anHour, effect: { kind: 'blackhole' } }], 'orders', { seed: 1, clock });
  book.lift();
  let isServed = false;
  await compose([
    faults(book, clock),
    async () => {
      isServed = true;
    },
  ])(exchangeOf());
  expect({ isServed, counts: book.counts }).toEqual({ isServed: true, counts: [0] });
});
