import { once } from 'node:events';
import { request as open } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { smallBody } from '../lib/contract.mjs';
import { largeBody } from './upstream.mjs';

/** Milliseconds after which nobody waits for an answer any more. */
const patience = 20_000;

/**
 * What clients do over HTTP, and how often beside each other. Each resolves with how it ended: `answered`; `refused` by the
 * gateway (the upstream has reset the connection); `broken` while the answer came; `cut` by the client itself; or, never to be
 * seen, `wrong` or `hung`.
 */
export const httpActions = [
  { name: 'GET, small', weight: 40, act: (client) => ask(client, { path: '/small', expected: smallBody }) },
  { name: 'GET, 1 MB', weight: 8, act: (client) => ask(client, { path: '/large', expected: largeBody }) },
  { name: 'POST, 10 KiB', weight: 14, act: post },
  { name: 'upload in chunks', weight: 8, act: uploadInChunks },
  { name: 'cut in the upload', weight: 5, act: cutInUpload },
  { name: 'cut in the wait', weight: 5, act: cutInWait },
  { name: 'cut in the download', weight: 5, act: cutInDownload },
];

function post(client) {
  const body = Buffer.alloc(10 * 1024, 'x');
  return ask(client, { method: 'POST', path: '/upload', expected: '10240', send: (request) => request.end(body) });
}

function uploadInChunks(client) {
  const chunks = 1 + Math.floor(Math.random() * 20);
  const send = async (request) => {
    for (let sent = 0; sent < chunks && !request.destroyed; sent++) {
      request.write(Buffer.alloc(1_000, 'x'));
      await pause(Math.random() * 5);
    }
    if (!request.destroyed) request.end();
  };
  return ask(client, { method: 'POST', path: '/upload', expected: String(chunks * 1_000), send });
}

async function ask(client, { method = 'GET', path, expected, send = (request) => request.end() }) {
  const request = start(client, { method, path });
  let isHung = false;
  const timer = setTimeout(() => {
    isHung = true;
    request.destroy();
  }, patience);
  try {
    send(request);
    const [message] = await once(request, 'response');
    const body = await buffer(message);
    if (message.statusCode === 502) return 'refused';
    return message.statusCode === 200 && body.equals(Buffer.from(expected)) ? 'answered' : 'wrong';
  } catch {
    return isHung ? 'hung' : 'broken';
  } finally {
    clearTimeout(timer);
  }
}

async function cutInUpload(client) {
  const request = start(client, { method: 'POST', path: '/upload' });
  request.write(Buffer.alloc(Math.random() * 100_000, 'x'));
  await pause(Math.random() * 50);
  return cut(request);
}

async function cutInWait(client) {
  const request = start(client, { path: '/never', host: 'patient.localhost' });
  request.end();
  await pause(Math.random() * 100);
  return cut(request);
}

async function cutInDownload(client) {
  const request = start(client, { path: '/endless' });
  request.end();
  const [message] = await once(request, 'response', { signal: AbortSignal.timeout(patience) });
  message.on('error', () => {}).resume();
  await pause(Math.random() * 50);
  const ending = cut(request);
  return message.statusCode === 200 ? ending : 'wrong';
}

function start({ port, agent }, { method = 'GET', path, host = 'shop.localhost' }) {
  const request = open({ host: '127.0.0.1', port, agent, method, path, headers: { Host: host } });
  return request.on('error', () => {}); // for those who listen no more
}

/** Half of those who leave close the connection, the others reset it. */
function cut(request) {
  if (Math.random() < 0.5) request.socket?.resetAndDestroy();
  request.destroy();
  return 'cut';
}
