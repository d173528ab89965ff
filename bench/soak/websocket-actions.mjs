import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What clients do over WebSockets; each resolves as those of `http-actions.mjs`. */
export const websocketActions = [
  { name: 'WebSocket, closed', weight: 6, act: (client) => talk(client, close) },
  { name: 'WebSocket, killed by the client', weight: 5, act: (client) => talk(client, kill) },
  { name: 'WebSocket, killed by the service', weight: 4, act: (client) => talk(client, askToDie) },
];

/** Three messages and their echoes; then it ends as `end` says. */
async function talk({ port }, end) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`, { headers: { Host: 'shop.localhost' } });
  const signal = AbortSignal.timeout(20_000);
  try {
    await once(socket, 'open', { signal });
    socket.on('error', () => {});
    for (const message of ['one', 'two', 'three']) {
      socket.send(message);
      const [echo] = await once(socket, 'message', { signal });
      if (String(echo) !== message) return 'wrong';
    }
    return await end(socket, signal);
  } catch (error) {
    if (signal.aborted) return 'hung';
    return error.message.endsWith('server response: 502') ? 'refused' : 'broken';
  } finally {
    socket.on('error', () => {}).terminate();
  }
}

async function close(socket, signal) {
  socket.close();
  await once(socket, 'close', { signal });
  return 'answered';
}

function kill(socket) {
  if (Math.random() < 0.5) socket._socket.resetAndDestroy();
  else socket.terminate();
  return 'cut';
}

/** The gateway has to tell the client of the death. */
async function askToDie(socket, signal) {
  socket.send('die');
  await once(socket, 'close', { signal });
  return 'answered';
}
