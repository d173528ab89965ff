import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { MirrorConfig } from '../../src/config/policy-configs.js';
import type { Clock } from '../../src/foundation/clock.js';
import { systemClock } from '../../src/foundation/clock.js';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

const toV2: MirrorConfig = { target: { kind: 'version', version: 'v2' }, percentage: 1 };

/** `orders` in two versions, of which the first serves and the second is the mirror. */
function mirrored(
  v1: Upstream,
  v2: { readonly address: Upstream['address'] },
  mirror = toV2,
  clock: Clock = systemClock,
) {
  const services = {
    orders: {
      at: [
        { address: v1.address, version: 'v1' },
        { address: v2.address, version: 'v2' },
      ],
      split: { shares: { v1: 1 }, by: undefined },
      mirror,
    },
  };
  return TestGateway.start(services, { clock });
}

const book = (mesh: TestGateway) => mesh.gateway.memoryOf('orders').mirrors.summary();

test('the mirror gets a copy, body and all, and what it answers reaches nobody', async () => {
  await using v1 = await Upstream.start('same');
  await using v2 = await Upstream.start('same');
  await using mesh = await mirrored(v1, v2);

  expect(await mesh.call('orders/x?y=1', { method: 'POST', body: 'the body' })).toMatchObject({ body: 'same' });
  await expect.poll(() => book(mesh).compared).toBe(1);

  expect(v2.last).toMatchObject({ method: 'POST', target: '/x?y=1', body: 'the body' });
  expect(v2.last.fields.get('host')).toBe(v1.last.fields.get('host'));
  expect(book(mesh)).toMatchObject({ compared: 1, different: 0, failed: 0, skipped: 0, samples: [] });
  expect(mesh.exchanges).toHaveLength(1);
  const [served, copied] = mesh.registry.service('orders')?.instances ?? [];
  if (served === undefined || copied === undefined) throw new Error('two instances were there');
  const { loads } = mesh.gateway.memoryOf('orders');
  expect([loads.of(served).served, loads.of(copied).served]).toEqual([1, 0]);
});

test.each([
  { differs: ['status'], answer: { status: 201, type: 'text/plain', body: 'same' } },
  { differs: ['content-type'], answer: { status: 200, type: 'text/html', body: 'same' } },
  { differs: ['body'], answer: { status: 200, type: 'text/plain', body: 'other' } },
  { differs: ['status', 'content-type', 'body'], answer: { status: 500, type: '', body: '' } },
])('an answer that differs in $differs is counted, and kept to be looked at', async ({ differs, answer }) => {
  await using v1 = await Upstream.start((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('same');
  });
  await using v2 = await Upstream.start((_request, response) => {
    response.writeHead(answer.status, answer.type === '' ? {} : { 'content-type': answer.type }).end(answer.body);
  });
  await using mesh = await mirrored(v1, v2);

  expect(await mesh.call('orders/it')).toMatchObject({ status: 200, body: 'same' });
  await expect.poll(() => book(mesh).different).toBe(1);

  expect(book(mesh).samples).toMatchObject([
    {
      method: 'GET',
      target: '/it',
      differs,
      primary: { status: 200, contentType: 'text/plain', bytes: 4 },
      mirrored: { status: answer.status, contentType: answer.type, bytes: answer.body.length },
    },
  ]);
});

test('a mirror that hangs, resets or is not there takes nothing from the client', async () => {
  await using v1 = await Upstream.start('well');
  await using hangs = await Upstream.start(() => {});
  await using resets = await RawUpstream.start((socket) => void socket.resetAndDestroy());
  for (const v2 of [hangs, resets, { address: { host: '127.0.0.1', port: 1 } }]) {
    await using mesh = await mirrored(v1, v2);
    for (let count = 0; count < 3; count++) expect((await mesh.call('orders/')).body).toBe('well');
    if (v2 !== hangs) await expect.poll(() => book(mesh).failed).toBe(3);
  }
});

test('a body of more than 64 KiB is carried, but not copied', async () => {
  await using v1 = await Upstream.start('ok');
  await using v2 = await Upstream.start('ok');
  await using mesh = await mirrored(v1, v2);

  await mesh.call('orders/', { method: 'POST', body: Buffer.alloc(64 * 1024 + 1) });

  await expect.poll(() => book(mesh).skipped).toBe(1);
  expect(v2.seen).toHaveLength(0);
});

test('a percentage of the requests is copied, to another service where that is said', async () => {
  await using orders = await Upstream.start('ok');
  await using next = await Upstream.start('ok');
  const mirror: MirrorConfig = { target: { kind: 'service', service: 'next' }, percentage: 0.25 };
  await using mesh = await TestGateway.start({ orders: { at: [orders], mirror }, next: { at: [next], allow: [] } });

  for (let count = 0; count < 200; count++) await mesh.call('orders/');
  await expect.poll(() => book(mesh).compared).toBe(next.seen.length);

  expect(next.seen.length).toBeGreaterThan(30); // a quarter of 200, with the seed of the test gateway
  expect(next.seen.length).toBeLessThan(70);
});

test('with retries, the mirror gets one copy, and the answer that the client got is compared', async () => {
  await using v1 = await Upstream.start((_request, response) => {
    response.writeHead(v1.seen.length === 1 ? 503 : 200).end('ok');
  });
  await using v2 = await Upstream.start('ok');
  await using mesh = await TestGateway.start({
    orders: {
      at: [
        { address: v1.address, version: 'v1' },
        { address: v2.address, version: 'v2' },
      ],
      split: { shares: { v1: 1 }, by: undefined },
      mirror: toV2,
      retries: {
        attempts: 1,
        on: [503],
        methods: ['PUT'],
        backoff: 0,
        budget: { percentage: 0.2, minConcurrency: 3 },
      },
    },
  });

  expect((await mesh.call('orders/', { method: 'PUT', body: 'x' })).status).toBe(200);
  await expect.poll(() => book(mesh).compared).toBe(1);

  expect(v2.seen.map(({ body }) => body)).toEqual(['x']);
  expect(book(mesh).different).toBe(0);
});

test.each([
  { name: 'never answers', begin: () => {} },
  { name: 'stops in its answer', begin: (response: ServerResponse) => void response.write('begin') },
])('a mirror that $name is given up after 15 s, and nothing is left of it', async ({ begin }) => {
  const clock = new ManualClock();
  await using v1 = await Upstream.start('well');
  await using v2 = await Upstream.start((_request, response) => begin(response));
  await using mesh = await mirrored(v1, v2, toV2, clock);

  expect((await mesh.call('orders/')).body).toBe('well');
  await v2.until(1);
  await clock.elapse(14_999);
  expect(book(mesh)).toMatchObject({ failed: 0 });
  await clock.elapse(1);

  await expect.poll(() => book(mesh).failed).toBe(1);
  await expect.poll(() => v2.open.size).toBe(0);
  expect(book(mesh).lastFailure).toBe('it took longer than 15s');
});

test('a gateway that closes waits for no mirror', async () => {
  await using v1 = await Upstream.start('well');
  await using v2 = await Upstream.start((_request, response) => void response.write('begin'));
  await using mesh = await mirrored(v1, v2);
  await mesh.call('orders/');
  await v2.until(1);

  await mesh.gateway.close();

  await expect.poll(() => v2.open.size).toBe(0);
});

test('copies take no turns from the requests of their target', async () => {
  await using orders = await Upstream.start('ok');
  await using one = await Upstream.start('one');
  await using other = await Upstream.start('other');
  const mirror: MirrorConfig = { target: { kind: 'service', service: 'next' }, percentage: 1 };
  await using mesh = await TestGateway.start({ orders: { at: [orders], mirror }, next: { at: [one, other] } });

  const bodies: string[] = [];
  for (let count = 1; count <= 4; count++) {
    await mesh.call('orders/');
    await expect.poll(() => book(mesh).compared).toBe(count);
    bodies.push((await mesh.call('next/')).body);
  }

  expect(bodies).toEqual(['one', 'other', 'one', 'other']);
});
