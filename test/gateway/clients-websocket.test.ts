import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { megabyte, noise } from '../support/bodies.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

/** A service of the package `ws`, and what to do with each of its connections. */
async function serve(talk: (socket: WebSocket) => void, perMessageDeflate = false): Promise<Upstream> {
  const upstream = await Upstream.start();
  new WebSocketServer({ server: upstream.server, perMessageDeflate }).on('connection', talk);
  return upstream;
}

const echoing = (socket: WebSocket) =>
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));

async function dial(mesh: TestGateway): Promise<WebSocket> {
  const { port } = mesh.address;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { Host: 'orders.localhost' } });
  await once(socket, 'open');
  return socket;
}

test('pings and pongs pass both ways', async () => {
  const heard: string[] = [];
  await using orders = await serve((socket) => {
    socket.on('ping', (data) => heard.push(`ping ${data}`));
    socket.on('pong', (data) => heard.push(`pong ${data}`));
    socket.on('message', () => socket.ping('are you there?'));
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const socket = await dial(mesh);

  socket.ping('hello?');
  const [pong] = await once(socket, 'pong');
  socket.send('ask');
  const [ping] = await once(socket, 'ping');

  expect([String(pong), String(ping)]).toEqual(['hello?', 'are you there?']);
  await expect.poll(() => heard).toEqual(['ping hello?', 'pong are you there?']);
  socket.terminate();
});

test.each([false, true])('1,000 words and their answers stay in order (packed: %s)', async (packs) => {
  await using orders = await serve(echoing, packs);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const socket = await dial(mesh);
  expect(socket.extensions).toBe(packs ? 'permessage-deflate' : '');

  const answers: string[] = [];
  for (let count = 0; count < 1_000; count++) {
    const answer = once(socket, 'message');
    socket.send(`${count} ${'x'.repeat(count)}`);
    answers.push(String((await answer)[0]).split(' ')[0] ?? '');
  }

  expect(answers).toEqual(Array.from({ length: 1_000 }, (_, count) => String(count)));
  socket.terminate();
});

test('100 MB go through one WebSocket and come back, unchanged', { timeout: 30_000 }, async () => {
  await using orders = await serve(echoing);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const socket = await dial(mesh);
  const data = noise(100 * megabyte);
  const back = createHash('sha256');
  const all = new Promise<void>((resolve) => {
    let count = 0;
    socket.on('message', (message) => {
      if (Buffer.isBuffer(message)) back.update(message);
      if (++count === 100) resolve();
    });
  });

  for (let at = 0; at < data.length; at += megabyte)
    await new Promise((resolve) => socket.send(data.subarray(at, at + megabyte), resolve));
  await all;

  expect(back.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'));
  socket.terminate();
});

test('twenty WebSockets at once do not hear each other', async () => {
  await using orders = await serve(echoing);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const heard = await Promise.all(
    Array.from({ length: 20 }, async (_, name) => {
      const socket = await dial(mesh);
      const words: string[] = [];
      for (let count = 0; count < 20; count++) {
        socket.send(`${name}:${count}`);
        words.push(String((await once(socket, 'message'))[0]));
      }
      socket.close();
      return words;
    }),
  );
  expect(heard).toEqual(heard.map((_, name) => Array.from({ length: 20 }, (_, count) => `${name}:${count}`)));
  await expect.poll(() => orders.open.size).toBe(0);
});

test.each(['client', 'service'])('the code and the reason with which the %s closes arrive', async (who) => {
  const ends: string[] = [];
  const note = (code: number, reason: Buffer) => ends.push(`${code} ${reason}`);
  await using orders = await serve((socket) => {
    socket.on('close', note);
    if (who === 'service') socket.close(4_002, 'enough');
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const socket = await dial(mesh);
  socket.on('close', note);
  if (who === 'client') socket.close(4_002, 'enough');
  await expect.poll(() => ends).toEqual(['4002 enough', '4002 enough']);
});

test('the death of the instance closes the WebSocket of the client', async () => {
  await using orders = await serve(echoing);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const socket = await dial(mesh);
  const closed = once(socket, 'close');
  await orders.close();
  expect((await closed)[0]).toBe(1_006); // without a word
});

const handshake = 'GET /raw HTTP/1.1\r\nHost: orders.localhost\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n';
const accepted = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: raw\r\nConnection: Upgrade\r\n\r\n';

/** An open tunnel, and its end at the service, which closes its side when the test says so. */
async function tunnel() {
  const orders = await Upstream.start();
  const dialled = new Promise<Socket>((resolve) => {
    orders.server.on('upgrade', (message) => {
      message.socket.write(accepted);
      resolve(message.socket);
    });
  });
  const mesh = await TestGateway.start({ orders: { at: [orders] } });
  const client = await RawClient.connect(mesh.address);
  client.send(handshake);
  await client.until(/\r\n\r\n$/);
  return {
    mesh,
    orders,
    client,
    service: await dialled,
    async [Symbol.asyncDispose]() {
      client.socket.destroy();
      await mesh[Symbol.asyncDispose]();
      await orders.close();
    },
  };
}

test('a client that has said all hears the last words of the service', async () => {
  await using world = await tunnel();
  let heard = '';
  world.service.on('data', (chunk) => {
    heard += chunk;
  });
  const ended = once(world.service, 'end');

  world.client.send('question');
  world.client.halfClose();
  await ended;
  world.service.end(`last words ${'x'.repeat(2 * megabyte)}`);

  expect((await world.client.untilEnd()).split('last words ')[1]).toHaveLength(2 * megabyte);
  expect(heard).toBe('question');
  expect(await world.client.closed).toBe('end');
  expect(await world.mesh.outcome()).toEqual({ kind: 'answered', status: 101 });
});

test('a service that has said all hears the last words of the client', async () => {
  await using world = await tunnel();
  let heard = 0;
  world.service.on('data', (chunk) => {
    heard += chunk.length;
  });
  const ended = once(world.service, 'end');

  world.service.end('bye');
  await world.client.until(/bye$/);
  await world.client.untilEnd();
  world.client.send('x'.repeat(2 * megabyte));
  world.client.halfClose();
  await ended;

  expect(heard).toBe(2 * megabyte);
  expect(await world.mesh.outcome()).toEqual({ kind: 'answered', status: 101 });
});

test.each(['client', 'service'])('a %s that does not read holds the other side of a tunnel back', async (who) => {
  await using world = await tunnel();
  const [reader, writer] =
    who === 'client' ? [world.client.socket, world.service] : [world.service, world.client.socket];
  reader.pause();
  const chunk = noise(megabyte);
  let sent = 0;
  const drains = () => Promise.race([once(writer, 'drain').then(() => true), pause(300).then(() => false)]);
  while (sent < 128 && (writer.write(chunk) || (await drains()))) sent++;
  expect(sent).toBeLessThan(32);

  let read = 0;
  reader.on('data', (data) => {
    read += data.length;
  });
  reader.resume();
  writer.end();

  await expect.poll(() => read, { timeout: 10_000 }).toBe((sent + 1) * megabyte);
});

test('a service that is cut off in the middle of a tunnel resets nothing that was said before', async () => {
  await using orders = await RawUpstream.start((socket, text) => {
    if (text.includes('\r\n\r\n')) socket.write(accepted);
    else socket.end('x'.repeat(5 * megabyte));
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(handshake);
  await client.until(/\r\n\r\n$/);
  client.socket.pause();
  client.send('all of it');
  await expect.poll(() => orders.received).toContain('all of it');
  client.socket.resume();
  expect((await client.untilEnd()).split('\r\n\r\n')[1]).toHaveLength(5 * megabyte);
});
