// node one-build.mjs DIST CLIENT: a whole mesh in this process, with sockets that lead nowhere. Writes microseconds of CPU per request.
import { writeFileSync } from 'node:fs';
import { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { temporaryFolder } from '../lib/children.mjs';
import { median } from '../lib/statistics.mjs';
import { clients } from './clients.mjs';

const connections = 64;
const requests = { warmUp: 60_000, measured: 60_000, times: 5 };

const [dist, client] = process.argv.slice(2);
const request = `${clients[client].join('\r\n')}\r\n\r\n`;
const answer = [
  'HTTP/1.1 200 OK',
  'Server: nginx/1.22.1',
  'Date: Sun, 29 Nov 2026 17:00:00 GMT',
  'Content-Type: text/plain',
  'Content-Length: 50',
  'Connection: keep-alive',
  '',
  'x'.repeat(50),
].join('\r\n');

/** What is written is put in here: a socket makes flat what was put together of pieces, too. */
const flat = Buffer.alloc(8 * 1024);
const asked = [];
let answered = 0;
const sockets = Array.from({ length: connections }, clientSocket);
await leadNowhere();
const front = await openMesh();
for (const socket of sockets) front.emit('connection', socket);
await carry(requests.warmUp);
const times = [];
for (let time = 0; time < requests.times; time++) times.push(await measured());
console.log(median(times));
process.exit();

async function measured() {
  const before = process.cpuUsage();
  const from = answered;
  await carry(requests.measured);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (answered - from);
}

/** All clients ask, all are answered, and so on: as many at once as there are connections. */
async function carry(count) {
  for (const goal = answered + count; answered < goal; ) {
    for (const socket of sockets) socket.push(Buffer.from(request));
    await setImmediate();
    await setImmediate(); // the burst has left
    for (const reader of asked.splice(0)) reader.read(Buffer.from(answer));
    await setImmediate();
    await setImmediate();
  }
}

function clientSocket() {
  const socket = new Socket();
  socket._read = () => {};
  socket.write = (text) => {
    if (!text.startsWith('HTTP/1.1 200 ')) throw new Error(`answered with ${text}`);
    flat.latin1Write(text, 0);
    answered++;
    return true;
  };
  Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' });
  return socket;
}

/** The connections to the instance are open at once, and remember who is to be given the answer. */
async function leadNowhere() {
  const { UpstreamSocket } = await import(join(dist, 'gateway/upstream-socket.js'));
  const readers = new WeakMap();
  UpstreamSocket.prototype.connect = function () {
    process.nextTick(() => this.emit('connect'));
  };
  UpstreamSocket.prototype.readBy = function (reader) {
    readers.set(this, reader);
  };
  UpstreamSocket.prototype.write = function (text) {
    flat.latin1Write(text, 0);
    asked.push(readers.get(this));
    return true;
  };
}

/** @returns the socket of the front door */
async function openMesh() {
  const servers = [];
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    servers.push(this);
    return listen.apply(this, args);
  };
  const { ServiceMesh } = await import(join(dist, 'mesh/service-mesh.js'));
  const file = join(temporaryFolder(), 'mesh.yaml');
  const shop = { instances: ['127.0.0.1:9'] };
  writeFileSync(file, JSON.stringify({ name: 'bench', gateway: { port: 0 }, admin: { port: 0 }, services: { shop } }));
  const mesh = await ServiceMesh.fromFile(file, {});
  await mesh.start();
  return servers.find((server) => server.constructor === Server); // that of the admin API is node:http's
}
