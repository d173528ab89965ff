// What the command line costs before it does anything: `mesh --version` and `mesh --help` beside `node -e 0`.
// The candidates take turns within a round, so that a noisy machine is noisy for all; the ratio is taken round by round.
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const mesh = new URL('../bin/mesh.js', import.meta.url).pathname;
/** Goal: `mesh --version` at most this many times `node -e 0`. */
const goal = 2.5;
const rounds = Number(process.argv[2] ?? 21);

const candidates = {
  'node -e 0': ['-e', '0'],
  'mesh --version': [mesh, '--version'],
  'mesh --help': [mesh, '--help'],
  'mesh check': [mesh, 'check', '-f', new URL('../mesh.example.yaml', import.meta.url).pathname],
};

const times = Object.fromEntries(Object.keys(candidates).map((name) => [name, []]));
for (let round = -2; round < rounds; round++) {
  for (const [name, args] of Object.entries(candidates)) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args);
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
    if (round >= 0) times[name].push(performance.now() - start); // the first two rounds warm the file cache
  }
}

const baseline = times['node -e 0'];
console.log(`${rounds} rounds, Node ${process.version}, wall milliseconds`);
for (const [name, own] of Object.entries(times)) {
  const ratio = median(own.map((time, round) => time / baseline[round]));
  console.log(`${name.padEnd(16)} median ${median(own).toFixed(1).padStart(7)}   × node ${ratio.toFixed(2)}`);
}
const reached = median(times['mesh --version'].map((time, round) => time / baseline[round]));
console.log(
  reached <= goal ? `reached: --version is within ${goal} × node` : `MISSED: --version is not within ${goal} × node`,
);

function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}
