// How exactly requests leave a line, and what a long line costs. Run after `npm run build`.
// node bench/shaping.mjs [--seconds 10] [--waiting 10000]
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Child, gatewayCore, stayOffGatewayCore } from './lib/children.mjs';
import { readArguments, wholeNumber } from './lib/command-line.mjs';
import { usageOf } from './lib/process-usage.mjs';
import { requireMachine } from './lib/programs.mjs';
import { number } from './lib/table.mjs';

/** What `paced` of the mesh is given: requests per second, at once after a rest, and how many times that rate it is asked. */
const [rate, burst, overload] = [100, 10, 3];
/** Requests that find the line full. */
const refusals = 500;

try {
  await main();
} catch (error) {
  console.error(`shaping: ${error.message}`);
  process.exitCode = 1;
}
process.exit(); // the upstream is part of this program

async function main() {
  const { seconds, waiting } = readArguments({ seconds: wholeNumber(10), waiting: wholeNumber(10_000) });
  requireMachine('taskset', 'setpriv');
  stayOffGatewayCore();
  const upstream = await startUpstream();
  const program = new URL('./shaping/mesh.mjs', import.meta.url).pathname;
  const gateway = new Child(gatewayCore, process.execPath, [program, String(upstream.port)]);
  const port = Number(await gateway.firstLine());
  console.log(`Node ${process.version}\n`);
  await measurePace(upstream, port, seconds);
  await measureLine(gateway, port, waiting);
  await gateway.stop();
}

/** Answers at once, and remembers when it was asked; what comes to `full` it never answers. */
async function startUpstream() {
  const arrivals = [];
  const server = createServer((request, response) => {
    if (request.headers.host.startsWith('full')) return;
    arrivals.push(performance.now());
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { arrivals, port: server.address().port };
}

/** Three times as many as may pass: what passes, and how far the gaps between them are from what they should be. */
async function measurePace({ arrivals }, port, seconds) {
  const sockets = [];
  const begin = performance.now();
  for (let sent = 0; sent < rate * overload * seconds; sent++) {
    await pause(Math.max(0, begin + (sent * 1_000) / (rate * overload) - performance.now()));
    sockets.push(ask(port, 'paced'));
  }
  await pause(1_000);
  const inTime = arrivals.filter((at) => at - arrivals[0] <= seconds * 1_000);
  const gap = 1_000 / rate;
  const offs = inTime.slice(burst + 1).map((at, index) => Math.abs(at - inTime[burst + index] - gap));
  console.log(`${overload} × ${rate}/s for ${seconds} s, burst ${burst}: ${number(inTime.length)} passed`);
  console.log(`  a gap of ${gap} ms is off by ${quantiles(offs)}`);
  for (const socket of sockets) socket.destroy();
}

/** So many requests wait: what each costs, and how soon one too many is told so. */
async function measureLine(gateway, port, waiting) {
  await pause(2_000); // those of the first part have left
  const before = usageOf(gateway.pid).rss;
  const sockets = [];
  for (let sent = 0; sent <= waiting; sent++) {
    sockets.push(ask(port, 'full'));
    if (sent % 100 === 0) await pause(5);
  }
  await pause(2_000);
  const after = usageOf(gateway.pid).rss;
  console.log(`${number(waiting)} requests wait: ${number((after - before) / 1e6)} MB, their connections included`);
  const times = [];
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let n = 0; n < refusals; n++) {
    const begin = performance.now();
    socket.write('GET / HTTP/1.1\r\nHost: full.localhost\r\n\r\n');
    const [answer] = await once(socket, 'data');
    times.push(performance.now() - begin);
    if (!String(answer).startsWith('HTTP/1.1 503')) throw new Error(`one too many got ${String(answer).slice(0, 40)}`);
  }
  console.log(`  one too many is refused in ${quantiles(times)}`);
  for (const each of sockets) each.destroy();
}

function ask(port, service) {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write(`GET / HTTP/1.1\r\nHost: ${service}.localhost\r\n\r\n`);
  socket.resume();
  return socket;
}

function quantiles(values) {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(2);
  return `${at(0.5)} ms (p50), ${at(0.99)} ms (p99), ${at(1)} ms (most)`;
}
