import { once } from 'node:events';
import { expect, test } from 'vitest';
import { MeshError } from '../../src/foundation/errors.js';
import { refuse } from '../../src/gateway/refuse.js';
import { Fields } from '../../src/http1/fields.js';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

const error = new MeshError('no_route', 'No route matches GET http://x/<script>"\x1b[2J', {
  hint: 'Services: orders http://orders.localhost:8080',
});

function refusalTo(accept: string | undefined, method = 'GET') {
  const { status, fields, body } = refuse(error, { method, accept });
  return { status, fields: new Fields(fields), text: body.toString() };
}

test.each([
  [undefined, 'text/plain'],
  ['*/*', 'text/plain'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
  ['application/json, text/plain, */*', 'application/json'],
  ['application/vnd.api+json', 'application/json'],
  ['text/html;q=0.2, application/json;q=0.7', 'application/json'],
  ['application/json;q=0, text/html', 'text/html'],
  ['image/png', 'text/plain'],
  ['nonsense;;;q=,', 'text/plain'],
])('Accept: %s is answered with %s', (accept, type) => {
  const { fields } = refusalTo(accept);
  expect(fields.get('content-type')).toBe(`${type}; charset=utf-8`);
});

test('every form names the error and the fix, and lets nothing of the client act', () => {
  expect(refusalTo('application/json').text).toBe(
    `${JSON.stringify({ error: { code: 'no_route', message: error.message, hint: error.hint } })}\n`,
  );
  expect(refusalTo('text/plain').text).toBe(
    '404 no_route: No route matches GET http://x/<script>"\\x1b[2J\nServices: orders http://orders.localhost:8080\n',
  );
  const html = refusalTo('text/html').text;
  expect(html).toContain('No route matches GET http://x/&#60;script&#62;&#34;\\x1b[2J');
  expect(html).toContain('<a href="http://orders.localhost:8080">http://orders.localhost:8080</a>');
  expect(html).not.toContain('<script');
});

test('a refusal is marked as the mesh’s own and is not kept by caches', () => {
  const { fields, text } = refusalTo('text/html');
  expect(fields.get('x-mesh-error')).toBe('no_route');
  expect(fields.get('cache-control')).toBe('no-store');
  expect(fields.get('content-security-policy')).toContain("default-src 'none'");
  expect(fields.get('content-length')).toBe(String(Buffer.byteLength(text)));
});

test('a HEAD is told how long the answer would be, and gets none', () => {
  const { fields, text } = refusalTo('*/*', 'HEAD');
  expect(text).toBe('');
  expect(Number(fields.get('content-length'))).toBeGreaterThan(50);
});

test('404 names the services that there are, with their URLs', async () => {
  await using mesh = await TestGateway.start({ orders: {}, shoppers: { expose: false } });
  const { port } = mesh.address;

  const reply = await mesh.call('ordres/x', { headers: { Accept: 'application/json' } });

  expect(reply.status).toBe(404);
  expect(reply.fields.get('x-mesh-error')).toBe('no_route');
  expect(JSON.parse(reply.body)).toEqual({
    error: {
      code: 'no_route',
      message: 'No route matches GET http://ordres.localhost/x',
      hint: `Services: orders http://orders.localhost:${port}`,
    },
  });
  expect(await mesh.outcome()).toEqual({ kind: 'refused', status: 404, code: 'no_route' });
});

test('503 tells how many instances there are and how they are', async () => {
  const at = (port: number) => ({ host: '127.0.0.1', port });
  await using mesh = await TestGateway.start({
    none: {},
    sick: {
      at: [
        { address: at(4001), health: 'unhealthy' },
        { address: at(4002), health: 'unhealthy' },
        { address: at(4003), health: 'draining' },
        { address: at(4004), weight: 0 },
      ],
    },
  });

  const none = await mesh.call('none/');
  const sick = await mesh.call('sick/');

  expect(none.status).toBe(503);
  expect(none.body).toContain('503 no_healthy_instance: `none` has no instance\n');
  expect(none.fields.get('retry-after')).toBe('1');
  expect(sick.body).toContain('`sick` has no healthy instance: 2 unhealthy, 1 draining, 1 unknown with weight 0\n');
});

test('504 when the service does not answer in time, and its connection is freed', async () => {
  const clock = new ManualClock();
  await using slow = await Upstream.start(() => {});
  await using mesh = await TestGateway.start(
    { slow: { at: [slow], timeouts: { request: 2_000, connect: 0 } } },
    { clock },
  );

  const reply = mesh.call('slow/');
  await slow.until(1);
  clock.advance(2_000);

  expect(await reply).toMatchObject({ status: 504 });
  expect((await reply).fields.get('x-mesh-error')).toBe('request_timeout');
  await expect.poll(() => slow.open.size).toBe(0);
  expect(mesh.exchanges[0]?.attempts[0]?.result).toMatchObject({ kind: 'failed', error: { code: 'request_timeout' } });
});

test('a body that takes its time is not cut by the request timeout', async () => {
  const clock = new ManualClock();
  await using slow = await Upstream.start((_request, response) => {
    response.write('begin ');
    setTimeout(() => response.end('end'), 50);
  });
  await using mesh = await TestGateway.start(
    { slow: { at: [slow], timeouts: { request: 2_000, connect: 0 } } },
    { clock },
  );
  using client = await RawClient.connect(mesh.address);

  client.send('GET / HTTP/1.1\r\nHost: slow.localhost\r\n\r\n');
  await client.until(/begin /);
  clock.advance(3_600_000);

  expect(await client.until(/\r\n0\r\n\r\n$/)).toContain('end');
});

test('508 when a request comes round too often', async () => {
  await using mesh = await TestGateway.start({ round: {} });
  mesh.add('round', { address: mesh.address });

  const reply = await mesh.call('round/');

  expect(reply.status).toBe(508);
  expect(reply.fields.get('x-mesh-error')).toBe('loop_detected');
  expect(mesh.exchanges).toHaveLength(11);
});

test('a service that copies all fields onto its own calls is no loop', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const via = Array.from({ length: 9 }, () => '1.1 mesh-shop').join(', ');
  expect(await mesh.call('orders/', { headers: { Via: via } })).toMatchObject({ status: 200 });
});

const get = (lines: string[], requestLine = 'GET / HTTP/1.1') => [requestLine, ...lines, '', ''].join('\r\n');
const hostLine = 'Host: orders.localhost';

test.each([
  ['both lengths', get([hostLine, 'Content-Length: 3', 'Transfer-Encoding: chunked'], 'POST / HTTP/1.1'), 400],
  [
    'both lengths, the other way round',
    get([hostLine, 'Transfer-Encoding: chunked', 'Content-Length: 3'], 'POST / HTTP/1.1'),
    400,
  ],
  ['two lengths', get([hostLine, 'Content-Length: 3', 'Content-Length: 3'], 'POST / HTTP/1.1'), 400],
  ['a length with a sign', get([hostLine, 'Content-Length: +3'], 'POST / HTTP/1.1'), 400],
  ['a coding beside chunked', get([hostLine, 'Transfer-Encoding: gzip, chunked'], 'POST / HTTP/1.1'), 501],
  ['a coding that is nearly chunked', get([hostLine, 'Transfer-Encoding: xchunked'], 'POST / HTTP/1.1'), 400],
  ['two codings', get([hostLine, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 'POST / HTTP/1.1'), 400],
  ['chunks in HTTP/1.0', get([hostLine, 'Transfer-Encoding: chunked'], 'POST / HTTP/1.0'), 400],
  ['no Host', get([]), 400],
  ['two Hosts', get([hostLine, 'Host: other']), 400],
  ['a Host that is none', get(['Host: a b']), 400],
  ['a Host with userinfo', get(['Host: a@orders.localhost']), 400],
  ['a space before the colon', get([hostLine, 'X-A : 1']), 400],
  ['a path above the root', get([hostLine], 'GET /a/../../b HTTP/1.1'), 400],
  ['an upgrade with a body', get([hostLine, 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 3']), 400],
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 400],
  ['101 fields', get([hostLine, ...Array.from({ length: 100 }, (_, at) => `X-${at}: 1`)]), 431],
  [
    'fields beyond the limit that frame the body',
    get([hostLine, ...Array.from({ length: 3_000 }, () => 'X: '), 'Content-Length: 40']),
    431,
  ],
  ['a field of 20 KB', get([hostLine, `X: ${'x'.repeat(20_000)}`]), 431],
  ['a target of 20 KB', get([hostLine], `GET /${'x'.repeat(20_000)} HTTP/1.1`), 414],
  ['HTTP/2.0', get([hostLine], 'GET / HTTP/2.0'), 505],
  ['CONNECT', get(['Host: orders:80'], 'CONNECT orders:80 HTTP/1.1'), 405],
])('%s is refused, the connection closed, and nothing behind it is read', async (_name, head, status) => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reply = await exchangeBytes(mesh.address, `${head}GET /smuggled HTTP/1.1\r\n${hostLine}\r\n\r\n`);

  expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(reply).toMatch(/\r\nx-mesh-error: \w+\r\n/);
  expect(reply).toMatch(/\r\nConnection: close\r\n/);
  expect(reply.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(orders.targets).toEqual([]);
});

test('100 fields are not too many', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const fields = Array.from({ length: 98 }, (_, at) => `X-${at}: 1`);
  const reply = await exchangeBytes(mesh.address, get([hostLine, 'Connection: close', ...fields]));
  expect(reply).toMatch(/^HTTP\/1\.1 200 /);
  expect(orders.last.fields.get('x-97')).toBe('1');
});

test('a large upload that is refused early still gets to read why', async () => {
  await using mesh = await TestGateway.start({});
  const reply = await mesh.call('nobody/', { method: 'POST', body: Buffer.alloc(8_000_000) });
  expect(reply).toMatchObject({ status: 404 });
  expect(reply.fields.get('connection')).toBe('close');
});

test('a client that reads only when it has sent everything is refused without a reset', async () => {
  await using mesh = await TestGateway.start({});
  using client = await RawClient.connect(mesh.address);
  client.socket.pause();
  client.send(`${get(['Host: nobody', 'Content-Length: 8000000'], 'POST / HTTP/1.1')}${'x'.repeat(8_000_000)}`);
  await once(client.socket, 'drain');
  client.socket.resume();

  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 404 .*no_route/s);
  client.halfClose();
  expect(await client.closed).toBe('end');
});

test('what the parser refuses is answered behind what was asked before it', async () => {
  await using orders = await RawUpstream.start((socket) => {
    setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 30);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reply = await exchangeBytes(mesh.address, `${get([hostLine])}GARBAGE\x01\r\n\r\n`);

  expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n.*okHTTP\/1\.1 400 Bad Request\r\n/s);
});
