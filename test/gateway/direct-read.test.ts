import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readDirectly } from '../../src/gateway/direct-read.js';

/** Both ends of a connection. */
async function connection(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [near]: Socket[] = await once(server, 'connection');
  if (near === undefined) throw new Error('nobody came');
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

/** So many bytes that no byte is like that 251 places behind it: what is lost or changes places is seen. */
function numbered(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => at % 251));
}

test('all that comes is read in its order, whoever pauses in between, and then the end', async () => {
  const { near, far } = await connection();
  const sent = numbered(5_000_000);
  const read: Buffer[] = [];
  readDirectly(near, (bytes) => {
    read.push(bytes);
    if (read.length % 7 !== 0) return;
    near.pause();
    setImmediate(() => near.resume());
  });
  far.end(sent);
  await once(near, 'end');
  expect(Buffer.concat(read).equals(sent)).toBe(true);
});

test('while it is paused nothing is read, and no more is taken from the system than its buffer has room for', async () => {
  const { near, far } = await connection();
  const sent = numbered(20_000_000);
  const read: Buffer[] = [];
  readDirectly(near, (bytes) => read.push(bytes));
  near.pause();
  far.end(sent);
  await expect.poll(() => near.readableLength).toBeGreaterThanOrEqual(near.readableHighWaterMark);
  expect(read).toEqual([]);
  expect(near.bytesRead).toBeLessThan(200_000);

  near.resume();
  await once(near, 'end');
  expect(Buffer.concat(read).equals(sent)).toBe(true);
});

test('what has waited is read first, even when more comes before the socket has begun to flow again', async () => {
  const { near, far } = await connection();
  const read: Buffer[] = [];
  readDirectly(near, (bytes) => read.push(bytes));
  near.pause();
  far.write('first ');
  await expect.poll(() => near.readableLength).toBe(6);
  near.resume();
  near.push(Buffer.from('second')); // as the system would, in the same turn
  await expect.poll(() => String(Buffer.concat(read))).toBe('first second');
});

test('once it is ended, who listens for `data` gets what comes, and what was put back first', async () => {
  const { near, far } = await connection();
  const read: Buffer[] = [];
  const stop = readDirectly(near, (bytes) => read.push(bytes));
  far.write('first');
  await expect.poll(() => String(Buffer.concat(read))).toBe('first');
  stop();
  near.pause();
  near.unshift(Buffer.from('back '));
  far.end('second');
  const rest: Buffer[] = [];
  near.on('data', (bytes: Buffer) => rest.push(bytes));
  near.resume();
  await once(near, 'end');
  expect(String(Buffer.concat(rest))).toBe('back second');
  expect(read).toHaveLength(1);
});
