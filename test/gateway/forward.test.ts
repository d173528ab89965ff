import { expect, test } from 'vitest';
import { TestGateway } from '../support/gateway.js';
import { Upstream } from '../support/upstream.js';

test('a request goes to the service that its host names, and the answer comes back', async () => {
  await using orders = await Upstream.start('from orders');
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reply = await mesh.call('orders/list?page=2');

  expect(reply).toMatchObject({ status: 200, body: 'from orders' });
  expect(orders.targets).toEqual(['GET /list?page=2']);
  expect(await mesh.outcome()).toEqual({ kind: 'answered', status: 200 });
});
