import { expect, test } from 'vitest';
import { Exchange } from '../../src/exchange/exchange.js';
import { pseudonymOf, requestFields } from '../../src/gateway/headers.js';
import { Fields } from '../../src/http1/fields.js';
import { exchangeOf } from '../support/exchange.js';
import { TestGateway } from '../support/gateway.js';
import { exchangeBytes } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

/** Sends these field lines on a request of their own, and gives back what the service saw. */
async function seenBy(lines: string[], requestLine = 'GET / HTTP/1.1'): Promise<string[]> {
  await using orders = await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  await exchangeBytes(mesh.address, [requestLine, ...lines, 'Connection: close', '', ''].join('\r\n'));
  return orders.received.split('\r\n').slice(0, -2);
}

const hostLine = 'Host: orders.localhost';

test('the service sees where the request came from, and its Host unchanged', async () => {
  expect(await seenBy(['Host: Orders.localhost:8080', 'Accept: */*'])).toEqual([
    'GET / HTTP/1.1',
    'Host: Orders.localhost:8080',
    'Accept: */*',
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Host: Orders.localhost:8080',
    'Forwarded: for=127.0.0.1;host="Orders.localhost:8080";proto=http',
    'Via: 1.1 mesh-shop',
    'Connection: keep-alive',
  ]);
});

test('of many clients and hosts, each is told of by its own', async () => {
  const clients = ['127.0.0.1', '10.0.0.7', '::1', 'fe80::1'];
  const hosts = [
    '',
    ...Array.from({ length: 50 }, (_, at) => `host-${at}.localhost`),
    `${'long.'.repeat(30)}localhost`,
  ];
  for (const _ of ['once', 'and again']) {
    for (const client of clients) {
      for (const host of hosts) {
        const request = { ...exchangeOf().request, fields: new Fields(host === '' ? [] : ['Host', host]) };
        const exchange = new Exchange({ kind: 'front' }, { host: client, port: 1 }, request, 0);
        const fields = requestFields(exchange, pseudonymOf('shop'));
        const peer = client.includes(':') ? `"[${client}]"` : client;
        expect(fields.get('x-forwarded-for')).toBe(client);
        expect(fields.get('x-forwarded-host')).toBe(host || undefined);
        expect(fields.get('forwarded')).toBe(`for=${peer}${host === '' ? '' : `;host="${host}"`};proto=http`);
      }
    }
  }
});

test('what proxies before us said stays, and the real peer comes last', async () => {
  const seen = await seenBy([
    hostLine,
    'x-forwarded-for: 6.6.6.6',
    'X-Forwarded-For: 7.7.7.7',
    'Forwarded: for="[2001:db8::1]"',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: shop.example',
    'Via: 1.0 edge',
  ]);
  expect(seen).toEqual(
    expect.arrayContaining([
      'x-forwarded-for: 6.6.6.6, 7.7.7.7, 127.0.0.1',
      'Forwarded: for="[2001:db8::1]", for=127.0.0.1;host="orders.localhost";proto=http',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: shop.example',
      'Via: 1.0 edge, 1.1 mesh-shop',
    ]),
  );
  expect(seen.filter((line) => /^x-forwarded-for/i.test(line))).toHaveLength(1);
});

test('order, case, duplicates, empty values and latin1 bytes come through', async () => {
  const lines = [
    'B: 1',
    'a: 2',
    'A: 3',
    'X-Empty: ',
    'Cookie: a=1',
    'Cookie: b=2',
    'X-Name: caf\xe9',
    '__proto__: x',
    'b: 4',
  ];
  const seen = await seenBy([hostLine, ...lines]);
  expect(seen.slice(2, 2 + lines.length)).toEqual(lines);
});

test('fields that concern one connection are dropped, and so is what Connection nominates on any line', async () => {
  const seen = await seenBy([
    hostLine,
    'Connection: X-Secret, keep-alive',
    'X-Secret: 1',
    'Connection: x-other',
    'X-OTHER: 2',
    'Keep-Alive: timeout=5',
    'TE: trailers',
    'Proxy-Authorization: Basic eDp5',
    'Proxy-Connection: keep-alive',
    'Upgrade: foo',
    'X-Stays: 3',
    'x-mesh-service: orders',
  ]);
  const names = seen.slice(1).map((line) => line.split(':')[0]?.toLowerCase());
  expect(names).toEqual([
    'host',
    'x-stays',
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-forwarded-host',
    'forwarded',
    'via',
    'connection',
  ]);
});

test.each([
  ['Connection: X-Secret'],
  ['Connection: keep-alive, x-secret'],
  ['Connection: keep-alive', 'Connection: X-SECRET'],
])('what %s nominates does not pass, alone or beside others', async (...lines) => {
  const seen = await seenBy([hostLine, ...lines, 'X-Secret: 1', 'X-Stays: 2']);
  expect(seen).toContain('X-Stays: 2');
  expect(seen).not.toContain('X-Secret: 1');
});

test('nominating what others rely on has no effect', async () => {
  const seen = await seenBy(
    [
      hostLine,
      'Connection: Host, Content-Length, X-Forwarded-For, X-Forwarded-Host, Forwarded, Via',
      'Content-Length: 0',
      'X-Forwarded-For: 6.6.6.6',
      'Via: 1.1 edge',
    ],
    'POST / HTTP/1.1',
  );
  expect(seen).toEqual(
    expect.arrayContaining([
      hostLine,
      'Content-Length: 0',
      'X-Forwarded-For: 6.6.6.6, 127.0.0.1',
      'Via: 1.1 edge, 1.1 mesh-shop',
    ]),
  );
});

test('an absolute-form target is its Host', async () => {
  const seen = await seenBy(['Host: elsewhere.example'], 'GET http://orders:8080/x?y HTTP/1.1');
  expect(seen.slice(0, 2)).toEqual(['GET /x?y HTTP/1.1', 'Host: orders:8080']);
});

test('an HTTP/1.0 client without a Host gets through a port that knows its service', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const door = await mesh.gateway.door('web', 'orders');

  const reply = await exchangeBytes(door, 'GET /old HTTP/1.0\r\n\r\n');

  expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(orders.last.fields.get('host')).toBe(`127.0.0.1:${orders.port}`);
  expect(orders.last.fields.get('via')).toBe('1.0 mesh-shop');
});

test('the response passes with order, case and duplicates; its hop-by-hop fields do not', async () => {
  await using orders = await RawUpstream.answering(
    [
      'HTTP/1.1 299 Very Fine',
      'Set-Cookie: a=1',
      'x-B: caf\xe9',
      'set-cookie: b=2',
      'Connection: X-Private, close',
      'X-Private: 1',
      'Keep-Alive: timeout=3',
      'Proxy-Authenticate: Basic',
      'Upgrade: h2c',
      'Via: 1.1 other',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'Content-Length: 2',
      '',
      'ok',
    ].join('\r\n'),
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reply = await exchangeBytes(mesh.address, `GET / HTTP/1.1\r\n${hostLine}\r\nConnection: close\r\n\r\n`);

  expect(reply.split('\r\n')).toEqual([
    'HTTP/1.1 299 Very Fine',
    'Set-Cookie: a=1',
    'x-B: caf\xe9',
    'set-cookie: b=2',
    'Via: 1.1 other, 1.1 mesh-shop',
    'Date: Thu, 01 Jan 1970 00:00:00 GMT',
    'Content-Length: 2',
    'Connection: close',
    '',
    'ok',
  ]);
});

test.each([
  ['shop', 'mesh-shop'],
  ['my shop (ünï)', 'mesh-my-shop---n--'],
])('the mesh `%s` names itself %s in Via', (name, pseudonym) => {
  expect(pseudonymOf(name).text).toBe(pseudonym);
});
