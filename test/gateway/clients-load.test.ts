import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { megabyte, noise, sha256 } from '../support/bodies.js';
import { call, TestGateway } from '../support/gateway.js';
import { Nginx } from '../support/nginx.js';
import { Folder, run, tool, urlOf } from '../support/tools.js';
import { Upstream } from '../support/upstream.js';

const toOrders = ['-H', 'Host: orders.localhost'];

test.skipIf(!tool('ab')).each([
  ['GET', false],
  ['GET', true],
  ['POST', false],
  ['POST', true],
  ['HEAD', true],
] as const)('ab (which speaks HTTP/1.0) loses none of 200 requests: %s, keep-alive %s', async (method, keepsAlive) => {
  await using folder = await Folder.make();
  await writeFile(folder.file('body'), 'x'.repeat(10_000));
  await using orders = await Upstream.start((request, response) => {
    request.resume().once('end', () => response.writeHead(200, { 'Content-Length': 2 }).end('ok'));
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const how = {
    GET: [],
    POST: ['-p', folder.file('body'), '-T', 'text/plain'],
    HEAD: ['-i'],
  }[method];

  const load = ['-q', '-n', '200', '-c', '10', ...(keepsAlive ? ['-k'] : []), ...how, ...toOrders];
  const { code, text, stderr } = await run('ab', [...load, urlOf(mesh.address)]);

  expect([code, stderr]).toEqual([0, '']);
  expect(text).toMatch(/^Complete requests: +200$/m);
  expect(text).toMatch(/^Failed requests: +0$/m);
  expect(text).not.toContain('Non-2xx');
  if (keepsAlive) expect(text).toMatch(/^Keep-Alive requests: +200$/m);
  expect(orders.targets.filter((target) => target === `${method} /`)).toHaveLength(200);
});

test.skipIf(!tool('wrk'))('wrk with 16 connections gets 200 for every request of a second', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const { code, text } = await run('wrk', ['-t1', '-c16', '-d1s', ...toOrders, urlOf(mesh.address)]);

  expect(code).toBe(0);
  expect(text).toMatch(/ requests in /);
  expect(text).not.toMatch(/Socket errors|Non-2xx/);
  expect(orders.seen.length).toBeGreaterThan(16);
});

test.skipIf(!tool('wrk'))('wrk that asks four at a time gets 200 for every request of a second', async () => {
  await using folder = await Folder.make();
  await writeFile(
    folder.file('pipeline.lua'),
    `init = function(args)
       local asks = {}
       for at = 1, 4 do asks[at] = wrk.format(nil, '/' .. at) end
       all = table.concat(asks)
     end
     request = function() return all end`,
  );
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const script = ['-s', folder.file('pipeline.lua')];
  const { code, text } = await run('wrk', ['-t1', '-c4', '-d1s', ...script, ...toOrders, urlOf(mesh.address)]);

  expect(code).toBe(0);
  expect(text).not.toMatch(/Socket errors|Non-2xx/);
  expect(orders.targets.slice(0, 16).sort()).toContain('GET /4');
});

test.skipIf(!tool('nginx')).each([
  ['HTTP/1.0', ''],
  ['HTTP/1.1', 'proxy_http_version 1.1; proxy_set_header Connection "";'],
  ['HTTP/1.1, unbuffered', 'proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off;'],
])('nginx before the gateway (%s) passes on what is asked and answered', async (_name, how) => {
  await using orders = await Upstream.start((request, response) => {
    const hash = createHash('sha256');
    request.on('data', (chunk) => hash.update(chunk));
    request.once('end', () => {
      response.write(hash.digest('hex'));
      response.end(noise(megabyte).toString('hex'));
    });
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const pass = `proxy_set_header Host orders.localhost; proxy_pass ${urlOf(mesh.address, '')};`;
  await using nginx = await Nginx.start(`location / { ${how} ${pass} }`);
  const body = noise(3 * megabyte);

  for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }]) {
    const reply = await call(nginx.address, '/up', { method: 'POST', body, headers });
    expect(reply.status).toBe(200);
    expect(reply.body === sha256(body) + noise(megabyte).toString('hex')).toBe(true);
  }
  expect(await call(nginx.address, '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  expect(orders.last.fields.get('x-forwarded-for')).toBe('127.0.0.1');
});
