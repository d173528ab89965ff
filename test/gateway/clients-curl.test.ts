import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { megabyte, noise, sha256 } from '../support/bodies.js';
import { TestGateway } from '../support/gateway.js';
import type { Ran } from '../support/tools.js';
import { Folder, run, tool, urlOf } from '../support/tools.js';
import { Upstream } from '../support/upstream.js';

const testCurl = test.skipIf(!tool('curl'));

/** `orders` behind a gateway, and curl that finds every name there. */
async function start(answer?: Parameters<typeof Upstream.start>[0]) {
  const orders = await Upstream.start(answer);
  const mesh = await TestGateway.start({ orders: { at: [orders] } });
  const { port } = mesh.address;
  return {
    orders,
    mesh,
    url: (path: string) => `http://orders.localhost:${port}${path}`,
    curl: (args: string[], input?: Buffer): Promise<Ran> =>
      run('curl', ['-sS', '--max-time', '30', '--resolve', `*:${port}:127.0.0.1`, ...args], input),
    async [Symbol.asyncDispose]() {
      await mesh[Symbol.asyncDispose]();
      await orders.close();
    },
  };
}

/** Answers with the hash of what it was sent. */
const hashing: Parameters<typeof Upstream.start>[0] = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.once('end', () => response.end(sha256(Buffer.concat(chunks))));
};

testCurl.each([
  ['a length', true],
  ['an end that nobody announced', false],
] as const)('curl --http1.0 gets an answer with %s', async (_name, hasLength) => {
  await using world = await start((_request, response) => {
    if (hasLength) response.setHeader('Content-Length', 5);
    response.write('he');
    response.end('llo');
  });
  const { code, text } = await world.curl(['--http1.0', world.url('/old')]);
  expect([code, text]).toEqual([0, 'hello']);
  expect(world.orders.last.fields.get('via')).toBe('1.0 mesh-shop');
});

testCurl('curl -I gets the head alone, and uses its connection again', async () => {
  await using world = await start((_request, response) => response.writeHead(200, { 'Content-Length': 5_000 }).end());
  const { code, text } = await world.curl(['-I', world.url('/a'), world.url('/b'), '-w', '%{num_connects}']);
  expect(code).toBe(0);
  expect(text.match(/^content-length: 5000\r$/gim)).toHaveLength(2);
  expect(text).toMatch(/\r\n\r\n1HTTP\/1\.1 200 OK\r\n.*\r\n\r\n0$/s);
  expect(world.orders.targets).toEqual(['HEAD /a', 'HEAD /b']);
});

testCurl('curl that waits for a 100 gets it, and sends its file', async () => {
  await using folder = await Folder.make();
  await using world = await start(hashing);
  const body = noise(2 * megabyte);
  await writeFile(folder.file('up'), body);

  const expects = ['--expect100-timeout', '5', '-H', 'Expect: 100-continue', '-T', folder.file('up')];
  const { text, stderr } = await world.curl(['-v', ...expects, world.url('/up')]);

  expect(text).toBe(sha256(body));
  expect(stderr).toMatch(/^< HTTP\/1\.1 100 Continue\r?$/m);
  expect(stderr).not.toContain('Done waiting for 100-continue');
});

testCurl('curl that waits for a 100 is refused by the service without having sent its file', async () => {
  await using folder = await Folder.make();
  await using world = await start();
  world.orders.server.on('checkContinue', (_request, response) => response.writeHead(413).end('too much'));
  await writeFile(folder.file('up'), noise(2 * megabyte));

  const expects = ['--expect100-timeout', '5', '-H', 'Expect: 100-continue', '-T', folder.file('up')];
  const { text } = await world.curl([...expects, '-w', ' %{http_code} %{size_upload}', world.url('/up')]);

  expect(text).toBe('too much 413 0');
});

testCurl('curl -T - uploads what comes by stdin, in chunks', async () => {
  await using world = await start(hashing);
  const body = noise(5 * megabyte);
  const { text } = await world.curl(['-T', '-', world.url('/up')], body);
  expect(text).toBe(sha256(body));
  expect(world.orders.last.fields.get('transfer-encoding')).toBe('chunked');
});

testCurl('curl -F uploads a form', async () => {
  await using world = await start((request, response) => request.pipe(response));
  const { text } = await world.curl(['-F', 'name=Zoë', '-F', 'file=@-;filename=a.txt', world.url('/')], noise(100));
  expect(text).toMatch(/name="name"\r\n\r\nZoë\r\n.*filename="a\.txt"/s);
});

testCurl('curl --raw sees chunks, as the service sent its answer without a length', async () => {
  await using world = await start((_request, response) => {
    response.write('hello ');
    response.end('world');
  });
  const { text } = await world.curl(['--raw', world.url('/')]);
  expect(text).toMatch(/^([0-9a-f]+\r\n[a-z ]+\r\n)+0\r\n\r\n$/i);
  expect((await world.curl([world.url('/')])).text).toBe('hello world');
});

testCurl('curl --proxy reaches a service by its bare name', async () => {
  await using world = await start((request, response) => response.end(`${request.headers.host} ${request.url}`));
  const { text } = await world.curl(['--proxy', urlOf(world.mesh.address), 'http://orders/list?page=2']);
  expect(text).toBe('orders /list?page=2');
  const unknown = await world.curl(['--proxy', urlOf(world.mesh.address), '-w', '%{http_code}', 'http://nobody/']);
  expect(unknown.text).toMatch(/no_route.*404$/s);
});

testCurl.each([
  ['GET', []],
  ['POST', ['--data-binary', 'body']],
])('curl --http2, which asks for h2c with %s, is answered in HTTP/1.1', async (method, data) => {
  await using world = await start((request, response) => request.pipe(response));
  const asks = ['-v', '--http2', ...data, '-w', ' %{http_version} %{http_code} %{num_connects}\n'];
  const { text, stderr } = await world.curl([...asks, world.url('/a'), world.url('/b')]);
  expect(stderr).toContain('> Upgrade: h2c');
  expect(text).toBe(method === 'GET' ? ' 1.1 200 1\n 1.1 200 0\n' : 'body 1.1 200 1\nbody 1.1 200 0\n');
});

testCurl('curl that knows of HTTP/2 beforehand is told that this is none', async () => {
  await using world = await start();
  const { code, text } = await world.curl(['--http2-prior-knowledge', world.url('/')]);
  expect([code, text]).not.toEqual([0, 'ok']);
  expect(world.orders.targets).toEqual([]);
  expect((await world.curl([world.url('/')])).text).toBe('ok');
});

testCurl('curl uses one connection for two URLs, also behind a refusal', async () => {
  await using world = await start();
  const nobody = world.url('/').replace('orders', 'nobody');
  const { text } = await world.curl(['-w', ' %{http_code}\n', world.url('/a'), world.url('/b')]);
  expect(text).toBe('ok 200\nok 200\n');
  const counts = ['-o', '/dev/null', '-o', '/dev/null', '-o', '/dev/null', '-w', '%{http_code} %{num_connects}\n'];
  const mixed = await world.curl([...counts, '--proxy', urlOf(world.mesh.address), world.url('/a'), nobody, nobody]);
  expect(mixed.text).toBe('200 1\n404 0\n404 0\n');
});

testCurl('curl --compressed and -r get what they ask for', async () => {
  await using world = await start((request, response) => {
    if (request.headers.range === 'bytes=2-4') response.writeHead(206, { 'Content-Range': 'bytes 2-4/10' }).end('llo');
    else response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('hello'));
  });
  expect((await world.curl(['--compressed', world.url('/')])).text).toBe('hello');
  expect((await world.curl(['-r', '2-4', '-w', ' %{http_code}', world.url('/')])).text).toBe('llo 206');
});

testCurl('curl --tr-encoding asks the gateway, and the service does not hear of it', async () => {
  await using world = await start();
  expect((await world.curl(['--tr-encoding', world.url('/')])).text).toBe('ok');
  expect(world.orders.last.fields.has('te')).toBe(false);
});

testCurl('curl that uploads too much gets to read why', async () => {
  await using world = await start((_request, response) => response.writeHead(413).end('too much'));
  const { text } = await world.curl(['-T', '-', '-w', ' %{http_code}', world.url('/')], noise(20 * megabyte));
  expect(text).toBe('too much 413');
});

testCurl('curl is told when an answer breaks off', async () => {
  await using world = await start((_request, response) => {
    response.write('half', () => response.destroy());
  });
  const { code, text } = await world.curl([world.url('/')]);
  expect(text).toBe('half');
  expect(code).toBe(18); // partial file
});

testCurl('curl downloads 20 MB, unchanged', async () => {
  const body = noise(20 * megabyte);
  await using world = await start((_request, response) => response.end(body));
  const { stdout } = await world.curl([world.url('/')]);
  expect(sha256(stdout)).toBe(sha256(body));
});
