// What measuring one exchange costs, from its begin to its end, and what reading the numbers costs. Run after `npm run build`.
// The cases take turns within a round, so that a noisy machine is noisy for all; the quietest round counts.
import { performance } from 'node:perf_hooks';
import { Body } from '../dist/exchange/body.js';
import { Exchange } from '../dist/exchange/exchange.js';
import { Fields } from '../dist/http1/fields.js';
import { Measure } from '../dist/telemetry/measure.js';

/** Goal: nanoseconds per exchange, beyond what an exchange costs that nobody measures. */
const goal = 1_000;
const rounds = Number(process.argv[2] ?? 11);
const exchanges = 50_000;
/** As many are under way at once. */
const underWay = 64;

const time = { at: 0 };
/** 10,000 requests a second: a turn of the second comes in its due share of the requests. */
const clock = { now: () => time.at, monotonic: () => time.at, after: () => () => {} };
const step = 0.1;

const body = Body.of(Buffer.alloc(0));
const request = {
  method: 'GET',
  target: '/',
  authority: '',
  version: '1.1',
  fields: new Fields(),
  body,
  upgrade: undefined,
};
const client = { host: '127.0.0.1', port: 50_000 };
const response = { status: 200, reason: 'OK', fields: new Fields(), body };
const outcome = { kind: 'answered', status: 200 };
const instances = Array.from({ length: 3 }, (_, at) => ({
  id: `127.0.0.1:${4_000 + at}`,
  service: 'orders',
  version: 'v1',
}));
const arrivals = [
  { kind: 'front' },
  ...['web', 'shoppers', 'admin'].map((caller) => ({ kind: 'caller', caller, service: 'orders' })),
];
const routes = [undefined, 'shop.localhost/api', 'shop.localhost/'];

const cases = [
  { name: 'nobody measures', measure: undefined, best: Infinity },
  { name: 'one caller, one instance', measure: new Measure(clock), parts: 1, best: Infinity },
  { name: '4 callers, 3 routes, 3 instances', measure: new Measure(clock), parts: 12, best: Infinity },
];

for (let round = -2; round < rounds; round++) {
  for (const each of cases) {
    const cost = measured(each);
    if (round >= 0) each.best = Math.min(each.best, cost); // the first two rounds warm the compiler
  }
}
const [none, ...measuredCases] = cases;
console.log(`${rounds} rounds of ${exchanges} exchanges, Node ${process.version}`);
for (const { name, best } of cases) console.log(`${name.padEnd(34)} ${best.toFixed(0).padStart(6)} ns/exchange`);
const worst = Math.max(...measuredCases.map(({ best }) => best - none.best));
console.log(
  worst <= goal
    ? `reached: measuring takes ${worst.toFixed(0)} ns of ${goal}`
    : `MISSED: ${worst.toFixed(0)} ns, not ${goal}`,
);

const full = cases.at(-1).measure;
for (const [name, read] of [
  ['summary', () => full.summary('orders')],
  ['breakdown', () => full.breakdown('orders')],
  ['series', () => full.series('orders')],
]) {
  const start = performance.now();
  for (let times = 0; times < 20; times++) read();
  console.log(`${name.padEnd(34)} ${((performance.now() - start) / 20).toFixed(2).padStart(6)} ms a look`);
}

/** Nanoseconds. */
function measured({ measure, parts = 1 }) {
  const open = [];
  const start = performance.now();
  for (let at = 0; at < exchanges; at++) {
    const part = at % parts;
    time.at += step;
    const exchange = new Exchange(arrivals[part % arrivals.length], client, request, time.at);
    const carry = () => {
      exchange.service = 'orders';
      exchange.route = routes[part % routes.length];
      exchange.instance = instances[part % instances.length];
    };
    if (measure === undefined) carry();
    else measure.layer(exchange, carry);
    exchange.attempts.push({
      instance: exchange.instance,
      startedAt: time.at,
      endedAt: time.at + (at % 97) / 7,
      result: { kind: 'answered', status: 200 },
    });
    exchange.response = response;
    open.push(exchange);
    if (open.length > underWay) open.shift().finish(outcome);
  }
  for (const exchange of open) exchange.finish(outcome);
  return ((performance.now() - start) * 1e6) / exchanges;
}
