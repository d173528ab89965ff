import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { TestGateway } from '../support/gateway.js';
import { Folder, run, tool, urlOf } from '../support/tools.js';
import { Upstream } from '../support/upstream.js';

const echo = () =>
  Upstream.start((request, response) => {
    response.setHeader('X-Method', request.method ?? '');
    request.pipe(response);
  });

const python = (program: string, ...args: string[]) => run('python3', ['-c', program, ...args]);

test.skipIf(!tool('python3'))('Python’s http.client asks several things on one connection', async () => {
  await using orders = await echo();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const { text, stderr } = await python(
    `
import http.client, sys
connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=20)
host = {'Host': 'orders.localhost'}
def ask(method, body=None, **more):
    connection.request(method, '/', body, host, **more)
    answer = connection.getresponse()
    print(answer.status, answer.headers['X-Method'], answer.read().decode())
ask('GET')
socket = connection.sock
ask('POST', 'with a length')
ask('PUT', (part for part in [b'in ', b'chunks']), encode_chunked=True)
ask('HEAD')
ask('DELETE')
print(connection.sock is socket)
`,
    String(mesh.address.port),
  );

  expect(stderr).toBe('');
  expect(text.split('\n')).toEqual([
    '200 GET ',
    '200 POST with a length',
    '200 PUT in chunks',
    '200 HEAD ',
    '200 DELETE ',
    'True',
    '',
  ]);
});

test.skipIf(!tool('python3'))('Python’s urllib goes through as a proxy request, and reads refusals', async () => {
  await using orders = await echo();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const { text, stderr } = await python(
    `
import hashlib, sys, urllib.error, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({'http': sys.argv[1]}))
body = bytes(range(256)) * 4096
with opener.open('http://orders/', body, timeout=20) as answer:
    print(answer.status, answer.read() == body)
try:
    opener.open('http://nobody/', timeout=20)
except urllib.error.HTTPError as refused:
    print(refused.code, refused.headers['X-Mesh-Error'], 'Services: orders' in refused.read().decode())
`,
    urlOf(mesh.address),
  );

  expect(stderr).toBe('');
  expect(text).toBe('200 True\n404 no_route True\n');
});

/** Java's client asks for h2c with each first request, bodies included. */
const java = `
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;

class Ask {
  public static void main(String[] args) throws Exception {
    var base = URI.create(args[0]);
    var client = HttpClient.newHttpClient();
    var get = client.send(HttpRequest.newBuilder(base).build(), BodyHandlers.ofString());
    System.out.println(get.version() + " " + get.statusCode() + " " + get.body());

    var fresh = HttpClient.newHttpClient();
    var known = HttpRequest.newBuilder(base).POST(BodyPublishers.ofString("with a length")).build();
    System.out.println(fresh.send(known, BodyHandlers.ofString()).body());
    var large = new byte[3 << 20];
    new Random(1).nextBytes(large);
    for (var each : List.of(fresh, HttpClient.newHttpClient())) {
      var stream = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large));
      var answer = each.send(HttpRequest.newBuilder(base).PUT(stream).build(), BodyHandlers.ofByteArray());
      System.out.println(Arrays.equals(answer.body(), large));
    }

    var asked = IntStream.range(0, 40)
      .mapToObj(at -> HttpRequest.newBuilder(base).POST(BodyPublishers.ofString("<" + at + ">")).build())
      .map(request -> client.sendAsync(request, BodyHandlers.ofString()))
      .collect(Collectors.toList());
    System.out.println(asked.stream().map(answer -> answer.join().body()).collect(Collectors.joining()));

    var heard = new CompletableFuture<String>();
    var socket = client.newWebSocketBuilder().buildAsync(URI.create(args[0].replace("http", "ws")), new WebSocket.Listener() {
      public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
        heard.complete(text.toString());
        return null;
      }
    }).join();
    socket.sendText("words", true);
    System.out.println(heard.get(10, TimeUnit.SECONDS));
    socket.sendClose(1000, "").join();
    System.exit(0);
  }
}
`;

test.skipIf(!tool('java'))('Java’s HttpClient asks, uploads and opens a WebSocket', { timeout: 60_000 }, async () => {
  await using orders = await echo();
  new WebSocketServer({ server: orders.server }).on('connection', (socket) =>
    socket.on('message', (data) => socket.send(`<${data}>`)),
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] }, web: {} });
  await using folder = await Folder.make();
  await writeFile(folder.file('Ask.java'), java);

  const { text, stderr } = await run('java', [
    '-XX:TieredStopAtLevel=1',
    folder.file('Ask.java'),
    urlOf(await mesh.gateway.door('web', 'orders')),
  ]);

  expect(stderr).toBe('');
  expect(text.split('\n')).toEqual([
    'HTTP_1_1 200 ',
    'with a length',
    'true',
    'true',
    Array.from({ length: 40 }, (_, at) => `<${at}>`).join(''),
    '<words>',
    '',
  ]);
  expect(orders.seen.some(({ fields }) => fields.has('http2-settings'))).toBe(false);
});
