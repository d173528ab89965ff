// What `mesh tail` and `mesh top` cost the traffic that they watch: how long requests take at a steady rate, and how many there
// are at most, from 64 connections. Processor time would say less: where the kernel samples it, a few seconds are too few.
// node bench/readers.mjs [--rounds 5] [--seconds 4] [--rate 1500], after `npm run build`. The rows take turns within a round.
import { setTimeout as pause } from 'node:timers/promises';
import { mesh } from './candidates/mesh.mjs';
import { Child, gatewayCore, loadCore, stayOffGatewayCore, temporaryFolder } from './lib/children.mjs';
import { readArguments, wholeNumber } from './lib/command-line.mjs';
import { paths, prefix } from './lib/contract.mjs';
import { accepting, freePort } from './lib/ports.mjs';
import { usageOf } from './lib/process-usage.mjs';
import { requireMachine } from './lib/programs.mjs';
import { median } from './lib/statistics.mjs';
import { number, table } from './lib/table.mjs';
import { runWrk } from './lib/wrk.mjs';
import { startNginx } from './upstreams/nginx.mjs';

const path = prefix + paths.small;
/** Milliseconds until a reader has begun, and has said what it says first. */
const beginning = 1_500;

/**
 * The readers share the core of the load. What that alone does to the figures, the last row says: no reader, but a process
 * that takes as much of that core as both readers did.
 */
const cases = [
  { name: 'nobody', commands: [] },
  { name: 'tail', commands: ['tail'] },
  { name: 'tail --json', commands: ['tail --json'] },
  { name: 'tail --status 5xx', commands: ['tail --status 5xx'] },
  { name: 'top --json', commands: ['top --json'] },
  { name: 'tail --json, top --json', commands: ['tail --json', 'top --json'] },
  { name: 'as much CPU, nobody', commands: [], burns: true },
];

try {
  await main();
} catch (error) {
  console.error(`readers: ${error.message}`);
  process.exitCode = 1;
}

async function main() {
  const { rounds, seconds, rate } = readArguments({
    rounds: wholeNumber(5),
    seconds: wholeNumber(4),
    rate: wholeNumber(1_500),
  });
  requireMachine('taskset', 'setpriv', 'wrk', 'nginx');
  stayOffGatewayCore();
  const upstream = await startNginx();
  const folder = temporaryFolder();
  const port = await freePort();
  const { args } = mesh({ folder, port, upstream: upstream.port });
  const gateway = new Child(gatewayCore, process.execPath, args);
  await accepting(port, gateway);
  const world = { gateway, port, file: `${folder}/mesh.yaml`, seconds, rate };
  await runWrk({ ...world, path, connections: 64 }); // warms up

  const rows = cases.map((each) => ({ ...each, rounds: [] }));
  for (let round = 0; round < rounds; round++) {
    const first = round % rows.length;
    for (const row of [...rows.slice(first), ...rows.slice(0, first)]) {
      console.error(`round ${round + 1} of ${rounds}: ${row.name}`);
      row.rounds[round] = await measure(world, row, await sharesOf(world, row, rows));
    }
  }
  for (const child of [gateway, upstream.child]) await child.stop();
  console.log(
    `Node ${process.version}; ${number(rate)} requests a second; medians of ${rounds} rounds of ${seconds} s\n`,
  );
  console.log(report(rows));
}

/** What both readers took of their core, the last time that they were measured: now, where they have not been yet. */
async function sharesOf(world, { burns }, rows) {
  if (!burns) return undefined;
  const both = rows.find(({ commands }) => commands.length > 1);
  return (both.rounds.findLast((round) => round !== undefined) ?? (await measure(world, both))).shares;
}

/** @param burnt shares of the load's core that are burnt, as `measure` gives them */
async function measure(world, { commands }, burnt) {
  const readers = commands.map((command) => startReader(command, world.file));
  await pause(beginning);
  const steady = await beside(readers, burnt?.steady, () => steadyLoad(world));
  const full = await beside(readers, burnt?.full, () => runWrk({ ...world, path, connections: 64 }));
  for (const reader of readers) await reader.stop();
  if (steady.trouble + full.trouble.length > 0) throw new Error(`${steady.trouble} went wrong, ${full.trouble}`);
  const shares = { steady: steady.share, full: full.share };
  return { p50: steady.p50, p99: steady.p99, rate: full.count / full.seconds, shares };
}

/** What the load comes to, and the share of their core that the readers, or what burns in their place, took meanwhile. */
async function beside(readers, burnt, load) {
  const args = [programOf('./load/burn.mjs'), String(burnt)];
  const burner = burnt === undefined ? undefined : new Child(loadCore, process.execPath, args);
  const taking = burner === undefined ? readers : [burner];
  const before = taking.map(({ pid }) => usageOf(pid).cpu);
  const begin = performance.now();
  const result = await load();
  const elapsed = (performance.now() - begin) / 1_000;
  const taken = taking.map(({ pid }, at) => usageOf(pid).cpu - before[at]);
  await burner?.stop();
  return { ...result, share: taken.reduce((sum, each) => sum + each, 0) / elapsed };
}

/** Its output goes nowhere: a pipe that nobody reads would be a slow reader. */
function startReader(command, file) {
  const line = `exec "$0" "$@" > /dev/null`;
  const program = [process.execPath, programOf('../bin/mesh.js'), ...command.split(' '), '--file', file];
  return new Child(loadCore, 'sh', ['-c', line, ...program]);
}

async function steadyLoad({ port, rate, seconds }) {
  const args = [programOf('./load/steady.mjs'), port, path, rate, seconds].map(String);
  return JSON.parse(await new Child(loadCore, process.execPath, args).output());
}

function programOf(path) {
  return new URL(path, import.meta.url).pathname;
}

function report(rows) {
  const [nobody] = rows;
  const lines = rows.map(({ name, rounds }) => {
    const figure = (key) => median(rounds.map((round) => round[key]));
    const ratio = (key) => median(rounds.map((round, at) => round[key] / nobody.rounds[at][key]));
    return [
      name,
      number(figure('p50'), 2),
      number(figure('p99'), 2),
      number(ratio('p99'), 2),
      number(figure('rate')),
      number(ratio('rate'), 2),
      ...['steady', 'full'].map((load) => `${number(median(rounds.map(({ shares }) => shares[load])) * 100)} %`),
    ];
  });
  const heads = ['p50 ms', 'p99 ms', '× nobody', 'most/s', '× nobody', 'of the load’s core', 'at most'];
  return table(['who looks', ...heads], lines);
}
