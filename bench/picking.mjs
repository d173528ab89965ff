// What one pick of each load-balancing policy costs, with few instances and with many. Run after `npm run build`.
// The policies take turns within a round, so that a noisy machine is noisy for all; the quietest round counts.
import { performance } from 'node:perf_hooks';
import { LoadBook } from '../dist/balancing/load.js';
import { policyOf } from '../dist/balancing/policies.js';
import { systemClock } from '../dist/foundation/clock.js';
import { seededRandom } from '../dist/foundation/random.js';
import { Fields } from '../dist/http1/fields.js';

/** Goal: nanoseconds per pick, whatever the policy and the number of instances. */
const goal = 1_000;
const rounds = Number(process.argv[2] ?? 11);
const picks = 100_000;
const sizes = [3, 1_000];
const hashOn = { kind: 'header', name: 'x-user' };

const policies = {
  'round-robin': { kind: 'round-robin' },
  random: { kind: 'random' },
  'least-request': { kind: 'least-request', choiceCount: 2 },
  'peak-ewma': { kind: 'peak-ewma', choiceCount: 2 },
  'ring-hash': { kind: 'ring-hash', hashOn },
  maglev: { kind: 'maglev', hashOn },
};
const weightings = { 'equal weights': () => 1, 'weights 1–9': (at) => 1 + (at % 9) };
const exchanges = Array.from({ length: 1_024 }, (_, user) => ({
  request: { target: '/', fields: new Fields(['Host', 'orders.localhost', 'X-User', `user-${user}`]) },
  client: { host: '127.0.0.1', port: 50_000 },
}));

const benches = Object.entries(policies).flatMap(([name, config]) =>
  Object.entries(weightings).flatMap(([weighting, weightAt]) =>
    sizes.map((size) => benchOf(name, config, weighting, instancesOf(size, weightAt))),
  ),
);
for (let round = -2; round < rounds; round++) {
  for (const bench of benches) {
    const [change, pick] = [measureChange(bench), measurePick(bench)];
    if (round < 0) continue; // the first two rounds warm the compiler
    bench.change = Math.min(bench.change, change);
    bench.pick = Math.min(bench.pick, pick);
  }
}

console.log(`${rounds} rounds of ${picks} picks, Node ${process.version}`);
for (const { name, weighting, candidates, pick, change } of benches) {
  const size = String(candidates.length).padStart(5);
  const costs = `${pick.toFixed(0).padStart(5)} ns/pick   ${change.toFixed(2).padStart(6)} ms for the first after a change`;
  console.log(`${name.padEnd(14)} ${weighting.padEnd(14)} ${size} instances ${costs}`);
}
const slowest = Math.max(...benches.map(({ pick }) => pick));
console.log(
  slowest <= goal
    ? `reached: every pick is within ${goal} ns`
    : `MISSED: a pick takes ${slowest.toFixed(0)} ns, not ${goal}`,
);

function benchOf(name, config, weighting, candidates) {
  const loads = new LoadBook(systemClock);
  for (const [at, instance] of candidates.entries()) loads.of(instance).observe(1 + (at % 7), false);
  const policy = policyOf(config, { clock: systemClock, random: seededRandom(1), loads, slowStart: 0 });
  return { name, weighting, candidates, policy, pick: Infinity, change: Infinity };
}

/** Milliseconds of the first pick from a new list, which makes the tables. */
function measureChange(bench) {
  bench.candidates = [...bench.candidates];
  const start = performance.now();
  bench.policy.pick(bench.candidates, exchanges[0], []);
  return performance.now() - start;
}

/** Nanoseconds. */
function measurePick({ policy, candidates }) {
  const nobody = [];
  const start = performance.now();
  for (let pick = 0; pick < picks; pick++) policy.pick(candidates, exchanges[pick % exchanges.length], nobody);
  return ((performance.now() - start) * 1e6) / picks;
}

function instancesOf(count, weightAt) {
  return Array.from({ length: count }, (_, at) => ({
    id: `127.0.0.1:${4_000 + at}`,
    service: 'orders',
    address: { host: '127.0.0.1', port: 4_000 + at },
    weight: weightAt(at),
    version: undefined,
    metadata: {},
    source: 'file',
    health: 'healthy',
    healthReason: undefined,
    ejection: undefined,
    lease: undefined,
  }));
}
