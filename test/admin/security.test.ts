import { expect, test } from 'vitest';
import { startAdmin, token } from '../support/admin.js';

test.each([
  ['127.0.0.1:PORT', 200],
  ['localhost:PORT', 200],
  ['LOCALHOST:PORT', 200],
  ['[::1]:PORT', 200],
  ['evil.com:PORT', 403],
  ['localhost.evil.com:PORT', 403],
  ['127.0.0.1.evil.com:PORT', 403],
  ['localhost', 403],
  ['localhost:1', 403],
  ['localhost:PORT.evil.com', 400],
  ['user@localhost:PORT', 400],
])('a request to the host %s is answered with %i, reads too (DNS rebinding)', async (host, status) => {
  await using admin = await startAdmin();

  const answer = await admin.request({ headers: { host: host.replace('PORT', String(admin.port)) } });

  expect(answer.status).toBe(status);
  if (status === 403) expect(answer.code).toBe('forbidden_host');
});

test('the host that the mesh file names is one of ours', async () => {
  await using admin = await startAdmin({ token, host: 'localhost' });

  expect((await admin.request({ headers: { host: `localhost:${admin.port}` } })).status).toBe(200);
});

test.each<[string, Record<string, string>]>([
  ['a page of another site', { origin: 'http://evil.com' }],
  ['a sandboxed page', { origin: 'null' }],
  ['a page on another port', { origin: 'http://127.0.0.1:1' }],
  ['an image on a page of another site', { 'sec-fetch-site': 'cross-site' }],
  ['a page on another port of this machine', { 'sec-fetch-site': 'same-site' }],
])('%s may neither read nor change anything', async (_who, headers) => {
  await using admin = await startAdmin();

  expect(await admin.request({ headers })).toMatchObject({ status: 403, code: 'forbidden_origin' });
  expect(await admin.request({ method: 'POST', path: '/v1/shutdown', headers })).toMatchObject({ status: 403 });
  expect(admin.asked).toEqual([]);
});

test('a page that the mesh itself serves may call, and nobody is ever told that others may (CORS)', async () => {
  await using admin = await startAdmin();

  const own = await admin.request({
    headers: { origin: `http://127.0.0.1:${admin.port}`, 'sec-fetch-site': 'same-origin' },
  });
  const preflight = await admin.request({ method: 'OPTIONS', headers: { origin: 'http://evil.com' } });

  expect(own.status).toBe(200);
  for (const { headers } of [own, preflight]) expect(headers['access-control-allow-origin']).toBeUndefined();
});

test.each([
  ['no token', null],
  ['a wrong token', 'Bearer wrong'],
  ['half the token', `Bearer ${token.slice(0, 5)}`],
  ['another scheme', `Basic ${token}`],
  ['an empty token', 'Bearer '],
])('%s is answered with 401', async (_what, authorization) => {
  await using admin = await startAdmin();

  const answer = await admin.request({ headers: { authorization } });

  expect(answer).toMatchObject({ status: 401, code: 'unauthorized' });
  expect(answer.headers['www-authenticate']).toBe('Bearer realm="mesh"');
});

test('only the sign of life is open to everyone', async () => {
  await using admin = await startAdmin();
  const headers = { authorization: null };

  expect(await admin.request({ path: '/healthz', headers })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  for (const path of [
    '/openapi.json',
    '/v1/services',
    '/v1/config',
    '/v1/events',
    '/healthz/',
    '/HEALTHZ',
    '/nothing',
  ]) {
    expect((await admin.request({ path, headers })).status, path).toBe(401);
  }
});

test('a mesh that wants no token asks for none, and still refuses foreign hosts', async () => {
  await using admin = await startAdmin({ token: undefined });

  expect((await admin.request({ headers: { authorization: null } })).status).toBe(200);
  expect((await admin.request({ headers: { authorization: null, host: 'evil.com' } })).status).toBe(403);
});

test('a GET changes nothing, whatever method it says it means', async () => {
  await using admin = await startAdmin();
  const headers = { 'x-http-method-override': 'POST', 'x-http-method': 'POST', 'x-method-override': 'POST' };

  for (const path of ['/v1/shutdown', '/v1/shutdown?_method=POST', '/v1/reload']) {
    expect(await admin.request({ path, headers })).toMatchObject({ status: 405, code: 'wrong_method' });
  }
  expect(admin.asked).toEqual([]);
});

test('no answer may be kept, sniffed or framed', async () => {
  await using admin = await startAdmin();

  for (const path of ['/v1/status', '/nothing', '/healthz']) {
    expect((await admin.request({ path })).headers, path).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    });
  }
});
