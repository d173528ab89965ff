import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** For a program that must be told where to listen. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when the child accepts there. @throws when it ends before, or takes more than five seconds */
export async function accepting(port, child) {
  for (let tries = 0; tries < 200 && !child.hasEnded; tries++) {
    if (await accepts(port)) return;
    await pause(25);
  }
  throw new Error(child.hasEnded ? child.obituary : `nobody listens on port ${port}`);
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
