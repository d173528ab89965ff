// What telemetry costs an exchange, one part after the other, and what reading its numbers costs. Run after `npm run build`.
// node bench/telemetry.mjs [--rounds 41]. The cases take turns within a round; the quietest round of each counts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Body } from '../dist/exchange/body.js';
import { Exchange } from '../dist/exchange/exchange.js';
import { answered } from '../dist/exchange/outcome.js';
import { systemClock } from '../dist/foundation/clock.js';
import { deliveryOf } from '../dist/gateway/delivery.js';
import { requestFields } from '../dist/gateway/headers.js';
import { Fields } from '../dist/http1/fields.js';
import { requestHeadText } from '../dist/http1/wire.js';
import { AccessLog } from '../dist/telemetry/access-log/access-log.js';
import { Measure } from '../dist/telemetry/measure.js';
import { RecordBook } from '../dist/telemetry/records/record-book.js';
import { Traces } from '../dist/telemetry/traces/traces.js';
import { readArguments, wholeNumber } from './lib/command-line.mjs';
import { table } from './lib/table.mjs';

/** Microseconds of CPU for all of it, beyond what an exchange takes that nobody names, measures or remembers. */
const goal = 5;
/** Two spans each: one batch, which is not sent while it is measured. */
const exchanges = 255;

const { rounds } = readArguments({ rounds: wholeNumber(41) });
const folder = mkdtempSync(join(tmpdir(), 'mesh-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const clock = systemClock;
const warn = (message) => console.error(message);
const arrivals = ['web', 'shoppers', 'admin'].map((caller) => ({ kind: 'caller', caller, service: 'orders' }));
const routes = [undefined, 'shop.localhost/api', 'shop.localhost/'];
const instances = Array.from({ length: 3 }, (_, at) => ({
  id: `orders-${at}`,
  service: 'orders',
  version: 'v1',
  address: { host: '127.0.0.1', port: 4_001 + at },
}));
const head = ['Host', 'orders.localhost:8080', 'User-Agent', 'bench/1', 'Accept', '*/*', 'Accept-Encoding', 'gzip'];
const body = Body.of(Buffer.alloc(0));
const done = Promise.resolve();

const named = await tracesOf({ kind: 'off' });
const measure = new Measure(clock);
const sent = await tracesOf({ kind: 'endpoint', url: 'http://127.0.0.1:9/v1/traces', headers: {} });
const accessLog = new AccessLog({ clock, print: () => {}, warn });
accessLog.configure({ format: 'json', file: { path: join(folder, 'access.log'), maxSize: Infinity, maxFiles: 1 } });
const book = () => new RecordBook(clock, () => 1_000).layer;

const cases = [
  { name: 'none of it', layers: [] },
  { name: 'names: x-request-id, traceparent', layers: [named.identify] },
  { name: '+ metrics', layers: [named.identify, measure.layer] },
  { name: '+ records (what is on by itself)', layers: [named.identify, new Measure(clock).layer, book()] },
  {
    name: '+ access log, JSON, to a file',
    layers: [named.identify, new Measure(clock).layer, book(), accessLog.layer],
  },
  {
    name: '+ spans, made and queued',
    layers: [sent.identify, new Measure(clock).layer, book(), accessLog.layer, sent.layer],
  },
].map((each) => ({ ...each, best: Infinity }));

for (let round = -20; round < rounds; round++) {
  for (const each of cases) {
    const cost = await measured(each.layers);
    if (round >= 0) each.best = Math.min(each.best, cost); // the first rounds warm the compiler
  }
}
const [none] = cases;
const over = ({ best }) => best - none.best;
console.log(`${rounds} rounds of ${exchanges} exchanges, Node ${process.version}; µs an exchange\n`);
const rows = cases.map((each) => [each.name, each.best.toFixed(2), over(each).toFixed(2)]);
console.log(table(['telemetry', 'all', 'over none'], rows));
const all = over(cases.at(-1));
console.log(`\n${all <= goal ? 'reached' : 'MISSED'}: ${all.toFixed(2)} µs for all of it, of ${goal}\n`);

for (const [name, read] of [
  ['summary', () => measure.summary('orders')],
  ['breakdown', () => measure.breakdown('orders')],
  ['series', () => measure.series('orders')],
]) {
  const start = performance.now();
  for (let times = 0; times < 20; times++) read();
  console.log(`${name.padEnd(12)} ${((performance.now() - start) / 20).toFixed(2).padStart(6)} ms a look`);
}
process.exit(); // the queue of spans would wait for its collector

async function tracesOf(otlp) {
  const environment = { OTEL_BSP_SCHEDULE_DELAY: '1' };
  const traces = new Traces({ clock, environment, version: '0.0.0', warn: () => {} });
  await traces.configure({ sample: { share: 1, named: true }, slow: 1_000, otlp }, 'bench');
  return traces;
}

/** Microseconds of CPU per exchange, what comes behind it in batches included. */
async function measured(layers) {
  const handle = layers.reduceRight((inner, layer) => (exchange) => layer(exchange, () => inner(exchange)), carry);
  const before = process.cpuUsage();
  const start = performance.now();
  const open = [];
  for (let at = 0; at < exchanges; at++) {
    const message = { method: 'GET', target: '/cart/items?id=17', authority: 'orders.localhost:8080', version: '1.1' };
    const request = { ...message, fields: new Fields(head), body, upgrade: undefined };
    const client = { host: '127.0.0.1', port: 50_000 };
    const exchange = new Exchange(arrivals[at % arrivals.length], client, request, performance.now());
    exchange.route = routes[at % routes.length];
    exchange.instance = instances[at % instances.length];
    open.push(exchange);
    void handle(exchange);
  }
  for (const exchange of open) exchange.finish(answered(200));
  const took = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, 1)); // batches
  const { user, system } = process.cpuUsage(before);
  return Math.min(took * 1e3, user + system) / exchanges;
}

/** What the gateway does with the names beside: they are fields of the request and of the answer. */
function carry(exchange) {
  exchange.service = 'orders';
  requestHeadText('GET', '/', requestFields(exchange, 'mesh-bench'));
  const now = performance.now();
  const { instance, attemptSpanId: spanId } = exchange;
  const result = { kind: 'answered', status: 200 };
  exchange.attempts.push({ instance, spanId, startedAt: now, endedAt: now + 1, result });
  exchange.response = { status: 200, reason: 'OK', fields: new Fields(['Content-Length', '0']), body };
  deliveryOf(exchange, exchange.response, true, clock);
  return done;
}
