import { expect, test } from 'vitest';
import { startAdmin } from '../support/admin.js';

const json = { 'content-type': 'application/json' };
const body = (changes = {}) => JSON.stringify({ address: '127.0.0.1:4001', ...changes });
const put = (path: string, text = body(), headers: Record<string, string> = json) => ({
  method: 'PUT',
  path: `/v1/services/${path}`,
  headers,
  body: text,
});

test('an instance is created, then updated, then renewed, then taken out', async () => {
  await using admin = await startAdmin();
  const path = '/v1/services/orders/instances/mine';

  expect((await admin.request(put('orders/instances/mine', body({ ttl: '30s', version: 'v2' })))).status).toBe(201);
  expect(admin.registry.instance('orders', 'mine')).toMatchObject({ version: 'v2', weight: 1, lease: { ttl: 30_000 } });
  expect((await admin.request(put('orders/instances/mine', body({ weight: 3 })))).status).toBe(200);
  expect(admin.registry.instance('orders', 'mine')).toMatchObject({ weight: 3, lease: undefined });
  expect((await admin.request({ method: 'POST', path: `${path}/heartbeat` })).status).toBe(200);
  expect((await admin.request({ method: 'DELETE', path })).status).toBe(200);
  expect(await admin.request({ method: 'POST', path: `${path}/heartbeat` })).toMatchObject({ status: 404 });
});

test('an instance is taken out by its address, too', async () => {
  await using admin = await startAdmin();
  await admin.request(put('orders/instances/mine'));

  const path = `/v1/services/orders/instances/${encodeURIComponent('127.0.0.1:4001')}`;

  expect((await admin.request({ method: 'DELETE', path })).status).toBe(200);
  expect(admin.registry.instance('orders', 'mine')).toBeUndefined();
});

test('two hundred registrations at once are all kept, and fifty of the same are one', async () => {
  await using admin = await startAdmin();
  const calls = [
    ...Array.from({ length: 200 }, (_, at) => put(`orders/instances/i-${at}`)),
    ...Array.from({ length: 50 }, () => put('orders/instances/same')),
  ];

  const statuses = await Promise.all(calls.map(async (call) => (await admin.request(call)).status));

  expect(statuses.filter((status) => status === 201)).toHaveLength(201);
  expect(admin.registry.service('orders')?.instances).toHaveLength(201);
});

test.each([
  ['ORDERS/instances/a', '`name`'],
  ['-orders/instances/a', '`name`'],
  [`${'o'.repeat(64)}/instances/a`, '`name`'],
  ['or%20ders/instances/a', '`name`'],
  ['or%2Fders/instances/a', '`name`'],
  ['%0d%0aorders/instances/a', '`name`'],
  ['__proto__/instances/a', '`name`'],
  ['orders/instances/a%20b', '`id`'],
  ['orders/instances/%2e%2e%2fx', '`id`'],
  ['orders/instances/%1b%5b31m', '`id`'],
  [`orders/instances/${'i'.repeat(65)}`, '`id`'],
])('the name %s is refused, and the answer says which part is wrong', async (path, part) => {
  await using admin = await startAdmin();

  const answer = await admin.request(put(path));

  expect(answer).toMatchObject({ status: 400, code: 'invalid_request' });
  expect(answer.text).toContain(part);
  expect(admin.asked).toEqual([]);
});

test.each<[string, string, string]>([
  ['no address', '{}', '`address`'],
  ['an address without a port', body({ address: '127.0.0.1' }), 'not an address'],
  ['a port that is none', body({ address: '127.0.0.1:99999' }), 'not an address'],
  ['a number for a host', body({ address: '2130706433:80' }), 'not an address'],
  ['every interface', body({ address: '0.0.0.0:80' }), 'forbidden_target'],
  ["a cloud's metadata", body({ address: '169.254.169.254:80' }), 'forbidden_target'],
  ['a weight below 0', body({ weight: -1 }), '`weight`'],
  ['a weight in words', body({ weight: 'much' }), '`weight`'],
  ['metadata that is no text', body({ metadata: { zone: 1 } }), '`metadata.zone`'],
  ['a key that is not known', body({ adress: 'x' }), 'adress'],
  ['a time to live without a unit', body({ ttl: '30' }), 'a time to live'],
  ['a time to live that is too short', body({ ttl: '1ms' }), 'a time to live'],
  ['a time to live that is too long', body({ ttl: '25h' }), 'a time to live'],
  ['half a document', '{"address":', 'JSON'],
  ['a list', '[]', 'body'],
  ['nothing', '', ''],
  ['a document that is very deep', '['.repeat(30_000), 'JSON'],
])('a registration with %s is refused in words', async (_what, text, words) => {
  await using admin = await startAdmin();

  const answer = await admin.request(put('orders/instances/mine', text));

  expect(answer.status).toBe(400);
  expect(answer.text).toContain(words);
  expect(admin.registry.service('orders')).toBeUndefined();
});

test('a body that is no JSON by its type is refused: a page can send such a one without asking', async () => {
  await using admin = await startAdmin();

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
    const answer = await admin.request(put('orders/instances/mine', body(), { 'content-type': type }));
    expect(answer, type).toMatchObject({ status: 400, code: 'invalid_request' });
  }
  expect(admin.asked).toEqual([]);
});

test('a body over 64 KiB is refused', async () => {
  await using admin = await startAdmin();

  const answer = await admin.request(put('orders/instances/mine', body({ version: 'v'.repeat(70_000) })));

  expect(answer).toMatchObject({ status: 413, code: 'body_too_large' });
});
