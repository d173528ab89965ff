import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import { expect, test } from 'vitest';
import { Journey } from '../support/mesh-cli.js';
import { RawClient } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

/** Every fault at a path of its own. */
const meshFile = (port: number) => `
gateway: { port: 0 }
admin: { port: 0 }
registry: { store: memory }
seed: 7
services:
  orders:
    instances: ["127.0.0.1:${port}"]
    timeouts: { request: 500ms }
    faults:
      - { delay: 200ms, match: { path: /delay } }
      - { abort: 503, match: { path: /abort } }
      - { abort: "grpc:UNAVAILABLE", match: { path: /grpc } }
      - { reset: before-head, match: { path: /reset } }
      - { reset: 100KiB, match: { path: /reset-later } }
      - { throttle: 100KiB/s, match: { path: /throttle } }
      - { slowClose: 300ms, match: { path: /slow-close } }
      - { truncate: 100B, match: { path: /truncate } }
      - { corrupt: 10%, match: { path: /corrupt } }
      - { blackhole: true, match: { path: /blackhole } }
      - { mock: { status: 201, body: '{"mocked":true}' }, match: { path: /mock } }
      - { abort: 500, percentage: 30%, match: { path: /sometimes } }
`;

/** What Node's own client makes of an answer, to its end. */
async function ask(
  port: number,
  path: string,
): Promise<{ status: number; body: string; headers: IncomingMessage['headers'] }> {
  const request = http.get({ host: '127.0.0.1', port, path, agent: false, headers: { Host: 'orders.localhost' } });
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  let body = '';
  message.setEncoding('latin1').on('data', (text: string) => {
    body += text;
  });
  await once(message, 'end');
  return { status: message.statusCode ?? 0, body, headers: message.headers };
}

const size = 400 * 1024;

test('a client notices every fault of the mesh file, and the same seed gives the same sequence twice', async () => {
  await using orders = await Upstream.start('x'.repeat(size));
  await using journey = await Journey.begin(meshFile(orders.port));
  const up = await journey.up();
  const get = (path: string) => ask(up.gatewayPort, path);

  const before = performance.now();
  expect((await get('/delay')).status).toBe(200);
  expect(performance.now() - before).toBeGreaterThanOrEqual(195);
  expect(await get('/abort')).toMatchObject({ status: 503, body: '503 by a fault of the mesh\n' });
  expect((await get('/grpc')).headers).toMatchObject({ 'content-type': 'application/grpc', 'grpc-status': '14' });
  await expect(get('/reset')).rejects.toMatchObject({ code: 'ECONNRESET' });
  using raw = await RawClient.connect({ host: '127.0.0.1', port: up.gatewayPort });
  raw.send('GET /reset-later HTTP/1.1\r\nHost: orders.localhost\r\n\r\n');
  expect(await raw.closed).toBe('reset'); // and not an end: how much of the body arrives before it is the system's choice
  await expect(get('/truncate')).rejects.toMatchObject({ message: 'aborted' });
  await expect(
    fetch(`http://127.0.0.1:${up.gatewayPort}/truncate`, { headers: { 'x-mesh-service': 'orders' } }).then((answer) =>
      answer.text(),
    ),
  ).rejects.toThrow('terminated');
  const corrupt = (await get('/corrupt')).body;
  expect(corrupt.length).toBe(size);
  expect(corrupt).not.toBe('x'.repeat(size));
  expect(await get('/mock')).toMatchObject({
    status: 201,
    body: '{"mocked":true}',
    headers: { 'content-type': 'application/json' },
  });
  expect(await get('/blackhole')).toMatchObject({ status: 504 });

  const throttled = performance.now();
  expect((await get('/throttle')).body.length).toBe(size);
  const rate = size / ((performance.now() - throttled) / 1_000);
  expect(Math.abs(rate / (100 * 1024) - 1)).toBeLessThan(0.05); // the issue's own bound: four seconds, so 200 ms of slack
  const closing = performance.now();
  await get('/slow-close');
  expect(performance.now() - closing).toBeGreaterThanOrEqual(295);

  const sequence = async (port: number) => {
    let statuses = '';
    for (let n = 0; n < 40; n++) statuses += (await ask(port, '/sometimes')).status === 500 ? 'x' : '.';
    return statuses;
  };
  await using other = await Journey.begin(meshFile(orders.port));
  await using again = await Journey.begin(meshFile(orders.port));
  const first = await sequence((await other.up()).gatewayPort);
  expect(await sequence((await again.up()).gatewayPort)).toBe(first);
  expect(first).toMatch(/x.*\.|\..*x/);
});

test('ten seconds of three times the rate: what passes is the burst and the rate', async () => {
  const seen: number[] = [];
  await using orders = await Upstream.start((_request, response) => {
    seen.push(performance.now());
    response.end('ok');
  });
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
registry: { store: memory }
services:
  orders:
    instances: ["127.0.0.1:${orders.port}"]
    timeouts: { request: 0 }
    rateLimit: { rate: 100/s, burst: 10, maxDelay: 5s }
`);
  const up = await journey.up();
  const agent = new http.Agent({ keepAlive: true });
  const statuses = new Map<number, number>();
  const begun = performance.now();
  const replies: Array<Promise<void>> = [];
  for (let number = 0; number < 3_000; number++) {
    const wait = begun + (number * 1_000) / 300 - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    replies.push(
      new Promise((resolve, reject) => {
        http
          .get(
            {
              host: '127.0.0.1',
              port: up.gatewayPort,
              path: '/',
              agent,
              headers: { Host: 'orders.localhost' },
            },
            (message) => {
              statuses.set(message.statusCode ?? 0, (statuses.get(message.statusCode ?? 0) ?? 0) + 1);
              message.resume().once('end', resolve);
            },
          )
          .once('error', reject);
      }),
    );
  }
  await Promise.all(replies);
  agent.destroy();

  const start = seen[0] ?? 0;
  const passed = seen.filter((at) => at - start < 10_000).length;
  // On a machine that does nothing else it is 1,010 ± 1 (bench/shaping.mjs); a busy one delivers the last of them late.
  expect(passed).toBeGreaterThanOrEqual(990);
  expect(passed).toBeLessThanOrEqual(1_011);
  expect([...statuses.keys()].sort()).toEqual([200, 429]);
});
