import { expect, test } from 'vitest';
import type { ProcessConfig } from '../../src/config/snapshot.js';
import type { Clock } from '../../src/foundation/clock.js';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { RawClient } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

const program: ProcessConfig = {
  command: 'node orders.mjs',
  directory: '/',
  environment: {},
  replicas: 1,
  version: undefined,
  dependsOn: [],
  restart: 'on-failure',
  stopTimeout: 10_000,
  watch: [],
};

test('a request for a service that is being started waits for it', async () => {
  await using orders = await Upstream.start('from orders');
  await using mesh = await starting();

  const reply = mesh.gateway.call('orders/');
  await mesh.someoneWaits();
  mesh.gateway.add('orders', orders);
  mesh.tellServed();

  expect(await reply).toMatchObject({ status: 200, body: 'from orders' });
});

test('a request for a service that will not come by waiting is refused', async () => {
  await using mesh = await starting();

  const reply = mesh.gateway.call('orders/');
  await mesh.someoneWaits();
  mesh.tellServed();

  expect((await reply).fields.get('x-mesh-error')).toBe('no_healthy_instance');
});

test('nobody waits for longer than ten seconds', async () => {
  const clock = new ManualClock();
  await using mesh = await starting({ clock, request: 60_000 });

  const reply = mesh.gateway.call('orders/');
  await mesh.someoneWaits();
  clock.advance(9_999);
  expect(mesh.waiting?.aborted).toBe(false);
  clock.advance(1);

  expect((await reply).fields.get('x-mesh-error')).toBe('no_healthy_instance');
});

test('waiting counts into the time that a request may take', async () => {
  const clock = new ManualClock();
  await using mesh = await starting({ clock, request: 2_000 });

  const reply = mesh.gateway.call('orders/');
  await mesh.someoneWaits();
  clock.advance(2_000);

  expect((await reply).fields.get('x-mesh-error')).toBe('request_timeout');
});

test('waiting counts too when the request has a body that turns out to be empty', async () => {
  const clock = new ManualClock();
  await using mesh = await starting({ clock, request: 2_000 });
  using client = await RawClient.connect(mesh.gateway.address);

  client.send('POST / HTTP/1.1\r\nHost: orders.localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
  await mesh.someoneWaits();
  client.send('0\r\n\r\n');
  await expect.poll(() => mesh.gateway.exchanges[0]?.request.body.isComplete).toBe(true);
  clock.advance(2_000);

  expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 504 .*request_timeout/s);
});

test('a client that goes away is waited with no longer', async () => {
  await using mesh = await starting();
  const client = new AbortController();

  const reply = mesh.gateway.call('orders/', { signal: client.signal });
  await mesh.someoneWaits();
  client.abort();

  await expect(reply).rejects.toThrow('abort');
  expect(await mesh.gateway.outcome()).toEqual({ kind: 'abandoned' });
  expect(mesh.waiting?.aborted).toBe(true);
});

test('a gateway that closes keeps nobody waiting', async () => {
  await using mesh = await starting();

  const reply = mesh.gateway.call('orders/');
  await mesh.someoneWaits();
  await mesh.gateway.gateway.close();

  expect((await reply).fields.get('x-mesh-error')).toBe('shutting_down');
});

test('a service whose instances run elsewhere is not waited for', async () => {
  let asked = false;
  await using mesh = await TestGateway.start(
    { far: {} },
    {
      async whenServed() {
        asked = true;
      },
    },
  );

  expect((await mesh.call('far/')).status).toBe(503);
  expect(asked).toBe(false);
});

/** A gateway in front of `orders`, which is being started until the test says otherwise. */
async function starting({ clock, request = 15_000 }: { clock?: Clock; request?: number } = {}) {
  let tellServed = () => {};
  let waiting: AbortSignal | undefined;
  const gateway = await TestGateway.start(
    { orders: { process: program, timeouts: { request, connect: 1_000 } } },
    {
      ...(clock && { clock }),
      whenServed: (_service, signal) =>
        new Promise((resolve) => {
          waiting = signal;
          tellServed = resolve;
          signal.addEventListener('abort', () => resolve());
        }),
    },
  );
  return {
    gateway,
    get waiting() {
      return waiting;
    },
    tellServed: () => tellServed(),
    someoneWaits: () => expect.poll(() => waiting).toBeDefined(),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}
