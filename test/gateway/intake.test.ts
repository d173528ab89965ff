import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setImmediate as round } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/foundation/clock.js';
import { TestGateway } from '../support/gateway.js';
import { Upstream } from '../support/upstream.js';

const question = 'GET / HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n';

test('whoever connects while others are served is let in after a few requests of theirs', async () => {
  await using mesh = await TestGateway.start({});
  let served = 0;
  const busy = await Promise.all(Array.from({ length: 100 }, () => asking(mesh.address.port, () => served++)));
  const before = served;
  const late = await Promise.all(Array.from({ length: 40 }, () => asking(mesh.address.port, () => {})));

  expect(served - before).toBeGreaterThan(0);
  expect(served - before).toBeLessThan(500); // one of them in a round of all that are busy: thousands
  for (const socket of [...busy, ...late]) socket.destroy();
});

test('who leaves while it waits in line does not reach the service', async () => {
  await using upstream = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [upstream] } });
  const clients = await Promise.all(Array.from({ length: 40 }, () => asking(mesh.address.port, () => {})));
  for (const socket of clients) socket.removeAllListeners('data').resume();
  const newcomers = Array.from({ length: 10 }, () => connect(mesh.address.port, '127.0.0.1').on('error', () => {}));
  process.nextTick(() => {
    // behind the first step of the newcomers
    for (const socket of clients) socket.write('GET /late HTTP/1.1\r\nHost: orders.localhost\r\n\r\n');
  });
  for (const _ of ['they connect and send', 'the first is let in', 'what was sent is read']) await round();
  for (const socket of clients) socket.resetAndDestroy();

  const late = () => mesh.exchanges.filter(({ request }) => request.target === '/late');
  await vi.waitFor(() => expect(late().filter(({ outcome }) => outcome !== undefined)).toHaveLength(40));

  expect(late().map(({ outcome }) => outcome?.kind)).toEqual(Array(40).fill('abandoned'));
  expect(late().filter(({ attempts }) => attempts.length > 0).length).toBeLessThan(30); // those of the first rounds
  for (const socket of newcomers) socket.destroy();
});

test('a millisecond in line is on record, as a wait for those who came', async () => {
  let milliseconds = 0;
  const clock = { ...systemClock, monotonic: () => milliseconds++ }; // each look is a millisecond after the one before
  await using mesh = await TestGateway.start({}, { clock });
  const client = connect(mesh.address.port, '127.0.0.1');
  const ask = async () => {
    client.write(question);
    await once(client, 'data');
    return mesh.exchanges.at(-1)?.waits?.map(({ kind }) => kind);
  };

  await ask(); // beside its own arrival
  expect(await ask()).toBeUndefined();
  const newcomers = Array.from({ length: 10 }, () => connect(mesh.address.port, '127.0.0.1').on('error', () => {}));
  await round(); // they connect
  expect(await ask()).toEqual(['arrivals']);
  for (const socket of [client, ...newcomers]) socket.destroy();
});

/** A client that asks anew with each answer; resolves with its first. */
async function asking(port: number, onAnswer: () => void): Promise<Socket> {
  const socket = connect(port, '127.0.0.1', () => socket.write(question));
  socket.on('error', () => {});
  socket.on('data', () => {
    onAnswer();
    socket.write(question);
  });
  await once(socket, 'data');
  return socket;
}
