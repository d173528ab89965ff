import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Child, loadCore } from '../lib/children.mjs';
import { fields, paths, prefix } from '../lib/contract.mjs';

const path = prefix + paths.websocket;
const sockets = 64;

/** Short messages that come back: each of the sockets has one on its way. */
export const websocket = {
  title: `WebSocket, short messages and their echoes over ${sockets} sockets`,
  unit: 'message',
  showsThroughput: false,
  startUpstream,
  check,
  load,
};

async function startUpstream() {
  const child = new Child(loadCore, process.execPath, [programOf('../upstreams/websocket.mjs')]);
  return { child, port: Number(await child.firstLine()) };
}

async function check(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: fields, handshakeTimeout: 5_000 });
  const patience = setTimeout(() => socket.terminate(), 5_000);
  socket.once('open', () => socket.send('is it you?'));
  try {
    const [echo] = await Promise.race([once(socket, 'message'), once(socket, 'close')]);
    return String(echo) === 'is it you?' ? undefined : 'sends no echo';
  } finally {
    clearTimeout(patience);
    socket.terminate();
  }
}

async function load(port, seconds) {
  const args = [programOf('../load/websocket.mjs'), String(port), path, String(sockets), String(seconds)];
  return JSON.parse(await new Child(loadCore, process.execPath, args).output());
}

function programOf(relative) {
  return new URL(relative, import.meta.url).pathname;
}
