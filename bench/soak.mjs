// Mixed load with every kind of accident; behind it, sockets and heap of the gateway must be back where they were.
// node bench/soak.mjs [--minutes 5] [--candidate http-proxy]
import { setTimeout as pause } from 'node:timers/promises';
import { Child, gatewayCore, stayOffGatewayCore } from './lib/children.mjs';
import { amount, readArguments, someOf } from './lib/command-line.mjs';
import { openSockets } from './lib/process-usage.mjs';
import { requireMachine } from './lib/programs.mjs';
import { number, table } from './lib/table.mjs';
import { endings, mixedLoad } from './soak/load.mjs';
import { startUpstream } from './soak/upstream.mjs';

/** Seconds of the same load before the first look: code is compiled, pools and tables have their size. */
const warmUp = 20;
/** Seconds until all that is idle has timed out: 60 for a client's connection, 30 for one to an instance. */
const idleLimit = 75;
const moreSockets = 5;
const moreHeap = 0.2;

try {
  await main();
} catch (error) {
  console.error(`soak: ${error.message}`);
  process.exitCode = 1;
}
process.exit(); // the upstream is part of this program

async function main() {
  const peers = ['http-proxy', 'http-proxy-3', 'httpxy', 'fastify'];
  const { minutes, candidate: [peer] = [] } = readArguments({ minutes: amount(5), candidate: someOf(peers) });
  requireMachine('taskset', 'setpriv');
  stayOffGatewayCore();
  const upstream = await startUpstream();
  const { child, port } = await startGateway(peer, upstream);
  const atRest = openSockets(child.pid);

  report(`warm-up, ${warmUp} s`);
  await mixedLoad(port, warmUp);
  const before = await look(child, atRest);
  report(`load, ${minutes} min`);
  const counts = await mixedLoad(port, minutes * 60);
  const after = await look(child, before.sockets);
  await child.stop();

  console.log(`Node ${process.version}, ${peer ?? 'mesh'}, ${minutes} min\n\n${loadTable(counts)}\n`);
  if (!compare(before, after) || hasFault(counts)) process.exitCode = 1;
}

async function startGateway(peer, upstream) {
  const program = peer === undefined ? './soak/mesh.mjs' : `./candidates/${peer}.mjs`;
  const probe = new URL('./soak/probe.mjs', import.meta.url).href;
  const args = ['--expose-gc', '--import', probe, new URL(program, import.meta.url).pathname, String(upstream)];
  const child = new Child(gatewayCore, process.execPath, args, { ipc: true });
  return { child, port: Number(await child.firstLine()) };
}

/** Waits for the sockets to become as few as expected, or for all that is idle to have timed out. */
async function look(child, expected) {
  report('idle connections close');
  for (let second = 0; second < idleLimit && openSockets(child.pid) > expected; second++) await pause(1_000);
  await pause(1_000);
  const { heapUsed, rss } = await child.ask('measure');
  return { sockets: openSockets(child.pid), heapUsed, rss };
}

/** Prints both looks; is all of it back? */
function compare(before, after) {
  const megabytes = (bytes) => number(bytes / 1e6, 1);
  const judged = (now, limit) => (now <= limit ? 'returned' : 'NOT RETURNED');
  const sockets = before.sockets + moreSockets;
  const heap = before.heapUsed * (1 + moreHeap);
  const heads = ['', 'before', 'after', 'at most', 'verdict'];
  const rows = [
    ['open sockets', ...[before.sockets, after.sockets, sockets].map(String), judged(after.sockets, sockets)],
    ['heap used, MB', ...[before.heapUsed, after.heapUsed, heap].map(megabytes), judged(after.heapUsed, heap)],
    ['RSS, MB', ...[before.rss, after.rss].map(megabytes), '', ''],
  ];
  console.log(table(heads, rows, ['verdict']));
  return after.sockets <= sockets && after.heapUsed <= heap;
}

function loadTable(counts) {
  const rows = [...counts].map(([name, each]) => [name, ...endings.map((ending) => number(each[ending]))]);
  return table(['client', ...endings], rows);
}

function hasFault(counts) {
  const isFaulty = [...counts.values()].some(({ wrong, hung }) => wrong + hung > 0);
  if (isFaulty) console.log('\nNOT RIGHT: there were wrong answers, or none came');
  return isFaulty;
}

function report(step) {
  process.stderr.write(`soak: ${step}\n`);
}
