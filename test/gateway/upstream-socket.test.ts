import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { open, TestGateway } from '../support/gateway.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

// The memory that one read has filled is read into again: none of it may change under a client that has not got it yet.

const piece = 20 * 1024;
/** More than the buffers of the system take for a client that reads nothing. */
const size = 1_000 * piece;

/** Each piece is made of other bytes than all others. */
function pieceOf(name: string, at: number): Buffer {
  return Buffer.alloc(piece, `${name} at ${at}; `);
}

function expectedHash(name: string): string {
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += piece) hash.update(pieceOf(name, at));
  return hash.digest('hex');
}

async function hashOf(message: IncomingMessage): Promise<string> {
  const hash = createHash('sha256');
  message.on('data', (part) => hash.update(part));
  await once(message, 'end');
  return hash.digest('hex');
}

/** In pieces of which a few fit under what is held for a slow client. */
const inPieces: RequestListener = async ({ url = '' }, response) => {
  if (url.includes('sized')) response.setHeader('Content-Length', size);
  for (let at = 0; at < size; at += piece) {
    if (!response.write(pieceOf(url, at))) await Promise.race([once(response, 'drain'), nextRound()]);
    if (response.writableLength > 4 * piece) await once(response, 'drain');
  }
  response.end();
};

test.each(['sized', 'chunked'])(
  'large answers to clients that read and to others that wait arrive unchanged (%s)',
  async (kind) => {
    const waiting: ServerResponse[] = [];
    await using orders = await Upstream.start((request, response) => {
      if (request.url?.includes('waits')) waiting.push(response);
      inPieces(request, response);
    });
    await using mesh = await TestGateway.start({ orders: { at: [orders] } });
    const names = [1, 2, 3].flatMap((number) => [`/${kind}/reads/${number}`, `/${kind}/waits/${number}`]);
    const messages = await Promise.all(
      names.map((name) => open(mesh.address, name, { headers: { Host: 'orders.localhost' } })),
    );

    const reading = messages.map((message, index) => (names[index]?.includes('reads') ? hashOf(message) : undefined));
    await Promise.all(reading);
    expect(waiting.filter(({ writableEnded }) => writableEnded)).toEqual([]); // the gateway holds something for each
    const hashes = await Promise.all(messages.map((message, index) => reading[index] ?? hashOf(message)));

    expect(hashes).toEqual(names.map(expectedHash));
  },
);

test('heads that arrive in two parts, mixed with those of others, are read as they were written', async () => {
  const waiting: Array<() => void> = [];
  const count = 20;
  await using orders = await RawUpstream.start((socket, text) => {
    const name = /GET \/(\d+)/.exec(text)?.[1];
    socket.write(`HTTP/1.1 200 OK\r\nX-Name: this is ${name}, `);
    waiting.push(() => void socket.write('it is\r\nContent-Length: 0\r\n\r\n'));
    if (waiting.length === count)
      setImmediate(() => {
        for (const finish of waiting) finish();
      });
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const numbers = Array.from({ length: count }, (_, number) => number);

  const replies = await Promise.all(numbers.map((number) => mesh.call(`orders/${number}`)));

  expect(replies.map(({ fields }) => fields.get('x-name'))).toEqual(
    numbers.map((number) => `this is ${number}, it is`),
  );
});
