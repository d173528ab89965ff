import http from 'node:http';
import { expect, test, vi } from 'vitest';
import { AdminClient } from '../../src/admin/client.js';
import { AdminServer } from '../../src/admin/server.js';
import type { EventView } from '../../src/admin/wire.js';
import { systemClock } from '../../src/foundation/clock.js';
import { startAdmin, token } from '../support/admin.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

const event = (message: string): EventView => ({
  type: 'warning',
  tone: 'busy',
  at: 1,
  service: null,
  instance: null,
  message,
});

test('the client gets what the mesh says', async () => {
  await using admin = await startAdmin();

  expect((await admin.client.status()).mesh).toBe('shop');
  expect((await admin.client.services()).services).toHaveLength(1);
  expect((await admin.client.service('orders')).name).toBe('orders');
  expect(await admin.client.register('orders', 'mine', { address: '127.0.0.1:4001' })).toMatchObject({ id: 'mine' });
  expect(await admin.client.deregister('orders', '127.0.0.1:4001')).toMatchObject({ id: 'mine' });
  await admin.client.shutdown();
  expect(admin.asked.at(-1)).toBe('shutdown');
});

test('what the client has no use for answers, too: a heartbeat, the mesh file in force, a reload', async () => {
  await using admin = await startAdmin();
  await admin.client.register('orders', 'mine', { address: '127.0.0.1:4001' });

  const heartbeat = await admin.request({ method: 'POST', path: '/v1/services/orders/instances/mine/heartbeat' });
  const config = await admin.request({ path: '/v1/config' });
  const reload = await admin.request({ method: 'POST', path: '/v1/reload' });

  expect(JSON.parse(heartbeat.text)).toMatchObject({ id: 'mine' });
  expect(JSON.parse(config.text)).toEqual({ name: 'shop' });
  expect(JSON.parse(reload.text)).toMatchObject({ outcome: 'unchanged' });
});

test.each([
  ['a page', '<html>', 404, /something else answers there/],
  ['a JSON error of its own', '{"error":"not found"}', 404, /something else answers there/],
  ['a page that is fine', '<html>', 200, /something else answers there/],
])('%s at the address is told to be no mesh', async (_name, text, status, message) => {
  await using other = await Upstream.start((_request, response) => response.writeHead(status).end(text));
  const client = new AdminClient(`http://127.0.0.1:${other.port}`, undefined);
  await expect(client.status()).rejects.toMatchObject({ code: 'no_mesh', message: expect.stringMatching(message) });
});

test('an address without http:// is told to lack it', async () => {
  await expect(new AdminClient('127.0.0.1:8081', undefined).status()).rejects.toMatchObject({
    code: 'no_mesh',
    message: 'The mesh at 127.0.0.1:8081 has no http:// in front',
  });
});

test('the error of the mesh is the error of the client, with its code and its hint', async () => {
  await using admin = await startAdmin();

  await expect(admin.client.service('payments')).rejects.toMatchObject({
    code: 'unknown_service',
    message: 'There is no service `payments`',
    hint: expect.stringContaining('mesh ls'),
  });
});

test('the name of an alert may hold anything: it comes as it is', async () => {
  await using admin = await startAdmin();
  const name = 'a/b & 100%?#é';

  await expect(admin.client.alert(name, 'orders')).rejects.toMatchObject({ code: 'unknown_alert' });
  expect(admin.asked.at(-1)).toBe(`alert ${name} orders`);
  expect((await admin.client.alert('orders are failing')).evidence?.alert.name).toBe('orders are failing');
  expect((await admin.client.alerts()).alerts).toHaveLength(1);
});

test('where nobody answers, the client says that no mesh is there', async () => {
  const admin = await startAdmin();
  await admin[Symbol.asyncDispose]();

  await expect(admin.client.status()).rejects.toMatchObject({ code: 'no_mesh', exitCode: 3 });
});

test('events are told as they happen, each in one frame', async () => {
  await using admin = await startAdmin();
  using reader = await RawClient.connect({ host: '127.0.0.1', port: admin.port });
  reader.send(`GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${admin.port}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await vi.waitFor(() => expect(admin.listeners()).toBe(1));

  admin.tell(event('one\nof two lines'));
  await reader.until(/data: \{.*"message":"one\\nof two lines"\}\n\n/);
  admin.tell(event('two'));
  await reader.until(/data: \{.*"message":"two"\}\n\n/);
});

test('a reader that goes away is forgotten, and one that reads nothing is cut off', async () => {
  await using admin = await startAdmin();
  const listeners = () => admin.listeners();
  const gone = await openStream(admin.port);
  const slow = await openStream(admin.port);
  expect(listeners()).toBe(2);

  gone.response.destroy();
  await vi.waitFor(() => expect(listeners()).toBe(1));

  slow.response.pause();
  const large = event('x'.repeat(100_000));
  await vi.waitFor(() => {
    for (let count = 0; count < 50; count++) admin.tell(large);
    expect(listeners()).toBe(0);
  }, 10_000);
});

test('it closes at once while somebody reads its events', async () => {
  const admin = await startAdmin();
  const { response } = await openStream(admin.port);
  const ended = new Promise((resolve) => response.once('end', resolve));
  response.resume();

  await admin[Symbol.asyncDispose]();

  await ended;
});

test('an unknown path is 404, a wrong method 405, and both say so as data', async () => {
  await using admin = await startAdmin();

  expect(await admin.request({ path: '/v2' })).toMatchObject({ status: 404, code: 'unknown_endpoint' });
  expect(await admin.request({ method: 'DELETE', path: '/v1/status' })).toMatchObject({
    status: 405,
    code: 'wrong_method',
    headers: { allow: 'GET' },
  });
});

test.each([
  ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, 'bad_request'],
  ['a Host with a space', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n', 400, 'bad_request'],
  [
    'two lengths',
    'POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    400,
    'bad_request',
  ],
  ['no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
  ['too long a path', `GET /${'x'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'head_too_large'],
])('a request with %s is answered as data, too', async (_, bytes, status, code) => {
  await using admin = await startAdmin();

  const answer = await exchangeBytes(admin.server.address, bytes);

  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toMatch(new RegExp(`\\r\\n\\r\\n\\{"error":\\{"code":"${code}","message":".+","hint":".+"\\}\\}$`));
});

test('HEAD of the events opens no stream', async () => {
  await using admin = await startAdmin();

  expect((await admin.request({ method: 'HEAD', path: '/v1/events' })).status).toBe(200);
  expect(admin.listeners()).toBe(0);
});

test('what goes wrong inside is told without the inside', async () => {
  await using admin = await startAdmin();
  admin.control.status = () => {
    throw new TypeError('of undefined');
  };

  const answer = await admin.request({});

  expect(answer).toMatchObject({ status: 500, code: 'internal' });
  expect(answer.text).not.toContain('at ');
});

test('a port that is named and taken is an error, one that is not named moves on', async () => {
  await using admin = await startAdmin();
  await using other = { ...(await anotherServer()) };

  await expect(other.server.open({ port: admin.port, named: true }, new Set())).rejects.toMatchObject({
    code: 'port_taken',
  });
  await other.server.open({ port: admin.port, named: false }, new Set());
  expect(other.server.address.port).toBeGreaterThan(admin.port);
});

test('its description is OpenAPI, and tells of every endpoint with its errors', async () => {
  await using admin = await startAdmin();

  const document = JSON.parse((await admin.request({ path: '/openapi.json' })).text);

  expect(document.openapi).toBe('3.1.0');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { summary: string; responses: Record<string, unknown> }>).map(
      ([method, { summary, responses }]) => ({ name: `${method} ${path}`, summary, statuses: Object.keys(responses) }),
    ),
  );
  expect(operations.map(({ name }) => name).sort()).toEqual([
    'delete /v1/scenarios/{name}/run',
    'delete /v1/services/{name}/instances/{id}',
    'delete /v1/services/{name}/shaping',
    'delete /v1/services/{name}/split',
    'get /healthz',
    'get /metrics',
    'get /sd',
    'get /v1/alerts',
    'get /v1/alerts/{name}',
    'get /v1/config',
    'get /v1/events',
    'get /v1/exchanges',
    'get /v1/exchanges/{id}',
    'get /v1/graph',
    'get /v1/logs',
    'get /v1/overview',
    'get /v1/scenarios',
    'get /v1/services',
    'get /v1/services/{name}',
    'get /v1/services/{name}/shaping',
    'get /v1/status',
    'get /v1/traces/{traceId}',
    'post /v1/logs',
    'post /v1/metrics',
    'post /v1/reload',
    'post /v1/services/{name}/instances/{id}/heartbeat',
    'post /v1/shutdown',
    'post /v1/traces',
    'put /v1/scenarios/{name}/run',
    'put /v1/services/{name}/instances/{id}',
    'put /v1/services/{name}/shaping',
    'put /v1/services/{name}/split',
  ]);
  const open = ['get /healthz', 'get /metrics', 'get /sd', 'post /v1/logs', 'post /v1/metrics', 'post /v1/traces'];
  for (const { name, summary, statuses } of operations) {
    expect(summary, name).toMatch(/\w+/);
    if (!open.includes(name)) expect(statuses, name).toEqual(expect.arrayContaining(['401', '403']));
  }
  expect(document.components.securitySchemes.token).toMatchObject({ type: 'http', scheme: 'bearer' });
});

async function openStream(port: number): Promise<{ response: http.IncomingMessage }> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path: '/v1/events', headers, agent: false }, (response) => {
        response.once('data', () => resolve({ response }));
        response.once('error', () => {});
      })
      .on('error', reject);
  });
}

async function anotherServer() {
  const { fakeControl } = await import('../support/fake-control.js');
  const server = new AdminServer({ control: fakeControl().control, clock: systemClock, token, host: '127.0.0.1' });
  return { server, [Symbol.asyncDispose]: () => server.close() };
}
