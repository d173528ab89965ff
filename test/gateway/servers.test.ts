import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Address } from '../../src/foundation/address.js';
import { Fields } from '../../src/http1/fields.js';
import { megabyte, noise, sha256 } from '../support/bodies.js';
import type { CallOptions } from '../support/gateway.js';
import { open, TestGateway } from '../support/gateway.js';
import { Nginx } from '../support/nginx.js';
import { exchangeBytes } from '../support/raw-client.js';
import { Folder, Program, tool } from '../support/tools.js';
import { Upstream } from '../support/upstream.js';

/** What the answer is to whoever asks the service itself, and to whoever asks the gateway, without what may differ. */
async function bothWays(service: Address, mesh: TestGateway, path: string, options: CallOptions = {}) {
  const withHost = { ...options, headers: { Host: 'orders.localhost', ...options.headers } };
  const ask = async (address: Address) => essential(await open(address, path, withHost));
  return { direct: await ask(service), through: await ask(mesh.address) };
}

async function essential(message: IncomingMessage) {
  const body = await buffer(message);
  const fields = [...new Fields(message.rawHeaders)].filter(
    ([name]) => !/^(?:connection|keep-alive|via|date|transfer-encoding)$/i.test(name),
  );
  return { status: message.statusCode, fields, size: body.length, body: sha256(body) };
}

/**
 * nginx with a gateway before it. Behind it is `back`, which answers with the hash of what it was sent. (An echo would do for
 * the gateway, but nginx does not read an answer while it sends a request.)
 */
async function startNginx() {
  const back = await Upstream.start((request, response) => {
    buffer(request).then((body) => response.end(sha256(body)));
  });
  const toBack = `proxy_pass http://127.0.0.1:${back.port};`;
  const nginx = await Nginx.start(
    `keepalive_requests 5;
     location /which { return 200 "$connection $connection_requests"; }
     location /small/ { client_max_body_size 1k; ${toBack} }
     location /back/ { ${toBack} }
     location /streamed/ { proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off; ${toBack} }`,
    { large: noise(megabyte) },
  );
  const mesh = await TestGateway.start({ orders: { at: [nginx] } });
  return {
    nginx,
    mesh,
    back,
    async [Symbol.asyncDispose]() {
      await mesh[Symbol.asyncDispose]();
      await nginx[Symbol.asyncDispose]();
      await back.close();
    },
  };
}

const testNginx = test.skipIf(!tool('nginx'));

testNginx(
  'nginx answers the same through the gateway: a file, its head, a part of it, and that it is unchanged',
  async () => {
    await using world = await startNginx();
    const ask = (path: string, options?: CallOptions) => bothWays(world.nginx.address, world.mesh, path, options);

    const whole = await ask('/large');
    expect(whole.through).toEqual(whole.direct);
    expect(whole.through).toMatchObject({ status: 200, size: megabyte });
    const etag = whole.direct.fields.find(([name]) => name === 'ETag')?.[1] ?? '';

    for (const [status, size, options] of [
      [200, 0, { method: 'HEAD' }],
      [206, 100, { headers: { Range: 'bytes=500-599' } }],
      [206, undefined, { headers: { Range: 'bytes=0-9,100-109' } }],
      [416, undefined, { headers: { Range: 'bytes=2000000-' } }],
      [304, 0, { headers: { 'If-None-Match': etag } }],
      [304, 0, { headers: { 'If-None-Match': etag }, method: 'HEAD' }],
      [405, undefined, { method: 'POST', body: 'body' }],
    ] as const) {
      const { direct, through } = await ask('/large', options);
      if (size !== undefined) expect(through).toEqual(direct); // else the text names a chance boundary, or nginx the time
      expect(through.status).toBe(status);
      if (size !== undefined) expect(through.size).toBe(size);
    }
    const none = await ask('/none');
    expect(none.through).toEqual(none.direct);
    expect(none.through.status).toBe(404);
  },
);

testNginx('the connection to nginx is kept as long as nginx keeps it, and nothing is lost when it ends', async () => {
  await using world = await startNginx();
  const connections = new Map<string, number>();
  for (let count = 0; count < 30; count++) {
    const { status, body } = await world.mesh.call('orders/which');
    expect(status).toBe(200);
    const [connection = ''] = body.split(' ');
    connections.set(connection, (connections.get(connection) ?? 0) + 1);
  }
  expect([...connections.values()]).toEqual(Array.from({ length: 6 }, () => 5)); // keepalive_requests 5
});

testNginx.each([
  ['with a length', {}],
  ['in chunks', { 'Transfer-Encoding': 'chunked' }],
])('nginx refuses 10 MB %s while they are sent, and the client gets to read it', async (_name, framing) => {
  await using world = await startNginx();
  const body = noise(10 * megabyte);
  const reply = await world.mesh.call('orders/small/', { method: 'POST', body, headers: framing });
  expect(reply.status).toBe(413);
  expect(reply.fields.get('x-mesh-error')).toBeUndefined();
  expect(reply.body).toContain('413 Request Entity Too Large');
  expect(world.back.targets).toEqual([]);
  expect(await world.mesh.call('orders/which')).toMatchObject({ status: 200 });
});

testNginx.each([
  ['with a length', 'back', {}],
  ['in chunks', 'back', { 'Transfer-Encoding': 'chunked' }],
  ['with a length', 'streamed', {}],
  ['in chunks', 'streamed', { 'Transfer-Encoding': 'chunked' }],
])('10 MB %s reach what is behind nginx (%s)', async (_name, location, framing) => {
  await using world = await startNginx();
  const body = noise(10 * megabyte);
  const reply = await world.mesh.call(`orders/${location}/`, { method: 'PUT', body, headers: framing });
  expect(reply).toMatchObject({ status: 200, body: sha256(body) });
  expect(world.back.targets).toEqual([`PUT /${location}/`]);
});

/** `python3 -m http.server`, or a program of that kind, on a port of its own choice. */
async function startPython(args: string[]) {
  const [python, words] = await Program.start('python3', ['-u', ...args], /port (\d+)/);
  const address = { host: '127.0.0.1', port: Number(words[1]) };
  const mesh = await TestGateway.start({ orders: { at: [{ address }] } });
  return {
    address,
    mesh,
    async [Symbol.asyncDispose]() {
      await mesh[Symbol.asyncDispose]();
      await python[Symbol.asyncDispose]();
    },
  };
}

const testPython = test.skipIf(!tool('python3'));

testPython('Python’s http.server (HTTP/1.0) answers the same through the gateway', async () => {
  await using folder = await Folder.make();
  await writeFile(folder.file('large'), noise(megabyte));
  await using world = await startPython(['-m', 'http.server', '--bind', '127.0.0.1', '--directory', folder.path, '0']);

  for (const [status, path, options] of [
    [200, '/large', {}],
    [200, '/large', { method: 'HEAD' }],
    [200, '/', {}],
    [404, '/none', {}],
    [501, '/large', { method: 'POST', body: 'body' }],
  ] as const) {
    const { direct, through } = await bothWays(world.address, world.mesh, path, options);
    expect(through).toEqual(direct);
    expect(through.status).toBe(status);
  }
});

const untilTheEnd = `
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        for count in range(100):
            self.wfile.write(b'%03d' % count * 10000)
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print('port', server.server_port)
server.serve_forever()
`;

testPython(
  'an answer of Python that ends with its connection arrives whole, and the client keeps its own connection',
  async () => {
    await using world = await startPython(['-c', untilTheEnd]);
    const expected = Array.from({ length: 100 }, (_, count) => String(count).padStart(3, '0').repeat(10_000)).join('');

    for (let count = 0; count < 5; count++) {
      expect(sha256((await world.mesh.call('orders/')).body)).toBe(sha256(expected));
      expect(await world.mesh.call('orders/', { method: 'POST', body: 'body' })).toMatchObject({
        status: 201,
        body: 'body',
      });
    }
    const get = (more = '') => `GET / HTTP/1.1\r\nHost: orders.localhost\r\n${more}\r\n`;
    const twice = await exchangeBytes(world.mesh.address, get() + get('Connection: close\r\n'));
    expect(twice.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  },
);

test('node:http answers the same through the gateway, whatever it is asked', async () => {
  await using orders = await Upstream.start((request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status, [
      ['X-Method', request.method ?? ''],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ]);
    request.pipe(response);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  for (const status of [200, 201, 204, 205, 226, 299, 304, 400, 404, 418, 429, 500, 503, 599])
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])
      for (const body of /^P(OST|UT|ATCH)$/.test(method) ? ['', 'body'] : ['']) {
        const { direct, through } = await bothWays(orders.address, mesh, `/${status}`, { method, body });
        expect(through, `${method} answered by ${status}`).toEqual(direct);
      }
});
