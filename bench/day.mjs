// A day of 1,000 requests a second, through all that remembers anything of them, on a clock that is moved: does it grow?
// node --expose-gc bench/day.mjs [--hours 24]. Run after `npm run build`.
import { setTimeout as pause } from 'node:timers/promises';
import { Body } from '../dist/exchange/body.js';
import { Exchange } from '../dist/exchange/exchange.js';
import { answered } from '../dist/exchange/outcome.js';
import { MeshError } from '../dist/foundation/errors.js';
import { seededRandom } from '../dist/foundation/random.js';
import { Fields } from '../dist/http1/fields.js';
import { OutputLogs } from '../dist/supervisor/output.js';
import { AlertWatch } from '../dist/telemetry/alerts/alert-watch.js';
import { ErrorBudgets } from '../dist/telemetry/alerts/error-budgets.js';
import { Measure } from '../dist/telemetry/measure.js';
import { RecordBook } from '../dist/telemetry/records/record-book.js';
import { SpanStore } from '../dist/telemetry/traces/span-store.js';
import { Traces } from '../dist/telemetry/traces/traces.js';
import { amount, readArguments } from './lib/command-line.mjs';
import { ManualClock } from './lib/manual-clock.mjs';
import { number, table } from './lib/table.mjs';

const requestsPerSecond = 1_000;
/** As many are under way at once. */
const underWay = 64;
/** What may be added after the first hour: hash tables double, code is compiled. */
const moreHeap = 0.05;

const { hours } = readArguments({ hours: amount(24) });
if (globalThis.gc === undefined) throw new Error('run it with `node --expose-gc`');

const clock = new ManualClock();
const random = seededRandom(1);
const any = (of) => Math.floor(random() * of);

const names = ['web', 'orders', 'payments', 'stock'];
let guest = 'guest-0';
const services = () => [...names, guest];
const measure = new Measure(clock);
const records = new RecordBook(clock, () => 1_000);
const traces = new Traces({ clock, environment: {}, version: '0.0.0', warn: () => {} });
const spans = new SpanStore();
const output = new OutputLogs();
const slo = { availability: 0.99, window: 3_600_000 };
const budgets = new ErrorBudgets({ clock, services, counts: (service) => measure.counts(service) });
budgets.configure({ services: new Map(), unlisted: { slo } });
let changes = 0;
const alerts = new AlertWatch({
  clock,
  services,
  summary: (service) => measure.summary(service),
  queued: () => 0,
  instances: () => ({ total: 2, healthy: 2 }),
  budget: (service) => budgets.of(service),
});
alerts.on(() => changes++);
alerts.configure([
  alert('errors', { text: 'error_rate > 1%', metric: 'error_rate', operator: '>', threshold: 0.01 }),
  alert('budget', { text: 'budget < 10%', metric: 'budget', operator: '<', threshold: 0.1 }),
]);

function alert(name, when) {
  return { name, service: undefined, when, for: 0, keepFiringFor: 0, labels: {}, notify: [] };
}

const observers = [traces.identify, measure.layer, records.layer, traces.layer];
const layer = observers.reduceRight(
  (inner, each) => (exchange) => each(exchange, () => inner(exchange)),
  (exchange) => {
    exchange.service = exchange.wanted.service;
    exchange.route = exchange.wanted.route;
    exchange.instance = exchange.wanted.instance;
  },
);

/** Two of each service; now and then one is replaced by another. */
const instances = new Map();
let born = 0;
function instanceOf(service) {
  const pair = instances.get(service) ?? [newInstance(service), newInstance(service)];
  instances.set(service, pair);
  return pair[any(2)];
}
function newInstance(service) {
  return { id: `${service}-${++born}`, service, version: `v${born % 3}`, address: { host: '127.0.0.1', port: 4_001 } };
}

const open = [];
async function request() {
  const service = random() < 0.02 ? guest : names[any(names.length)];
  const caller = random() < 0.5 ? { kind: 'front' } : { kind: 'caller', caller: names[any(4)], service };
  const head = `GET /${service}/${any(1e9)} HTTP/1.1\r\nHost: ${service}.localhost:8080\r\n\r\n`; // pieces of it are kept
  const fields = new Fields(['Host', head.slice(head.indexOf('Host: ') + 6, -4)]);
  const target = head.slice(4, head.indexOf(' HTTP'));
  const body = Body.of(Buffer.alloc(0));
  const message = { method: 'GET', target, authority: fields.get('host'), version: '1.1', fields, body };
  const exchange = new Exchange(caller, { host: '127.0.0.1', port: 50_000 }, message, clock.monotonic());
  exchange.wanted = { service, route: `/${service}/${any(5)}`, instance: instanceOf(service) };
  await layer(exchange);
  open.push(exchange);
  if (open.length > underWay) end(open.shift());
}

function end(exchange) {
  const { instance, service } = exchange;
  const [startedAt, endedAt] = [exchange.startedAt, exchange.startedAt + 10 ** (random() * 4 - 1)];
  const chance = random();
  const isLost = chance < 0.005;
  const error = new MeshError('upstream_reset', `${instance.id} closed the connection`);
  const result = isLost ? { kind: 'failed', error } : { kind: 'answered', status: chance < 0.01 ? 500 : 200 };
  exchange.attempts.push({ instance, spanId: exchange.trace.nextSpanId(), startedAt, endedAt, result });
  exchange.finish(isLost ? { kind: 'refused', status: 502, code: 'upstream_reset' } : answered(result.status));
  if (chance > 0.99 && service !== guest) tell(exchange, instance); // a guest is not run by the mesh
}

/** A service prints and sends what it knows of a request in a hundred. */
function tell({ trace: { traceId }, service }, instance) {
  const text = `{"level":"info","trace_id":"${traceId}","message":"done ${any(1e9)}"}`;
  output.push({ service, replica: instance.id, stream: 'stdout', text, at: clock.now() });
  const span = { traceId, spanId: '00f067aa0ba902b7', parentSpanId: undefined, service, name: 'work', kind: 'server' };
  spans.keep([{ ...span, at: clock.now(), duration: 5, status: 'ok', statusMessage: '', attributes: [], events: [] }]);
}

const rows = [];
let first;
for (let hour = 1; hour <= hours; hour++) {
  for (let second = 0; second < 3_600; second++) {
    clock.advance(1_000);
    for (let at = 0; at < requestsPerSecond; at++) await request();
    if (second % 600 === 0) instances.set('orders', [newInstance('orders'), newInstance('orders')]);
    if (second % 900 === 0) leave();
  }
  await pause(0);
  globalThis.gc();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const heap = heapUsed + arrayBuffers;
  first ??= heap;
  rows.push([hour, number(hour * 3_600 * requestsPerSecond), (heap / 1e6).toFixed(1), (rss / 1e6).toFixed(0), changes]);
  process.stderr.write(`hour ${hour} of ${hours}: ${(heap / 1e6).toFixed(1)} MB\n`);
}

/** A service that was registered for a while goes, and another comes. */
function leave() {
  for (const exchange of open.splice(0)) end(exchange);
  measure.forget(guest);
  records.forget(guest);
  instances.delete(guest);
  guest = `guest-${born}`;
}

const last = rows.at(-1)[2] * 1e6;
const shown = rows.filter(([hour]) => hour <= 2 || hour % 4 === 0 || hour === hours);
console.log(`${hours} hours of ${number(requestsPerSecond)} requests a second, Node ${process.version}\n`);
console.log(
  table(
    ['hour', 'requests', 'heap MB', 'RSS MB', 'alerts changed'],
    shown.map((row) => row.map(String)),
    [],
  ),
);
const verdict = last <= first * (1 + moreHeap) ? 'reached: the heap is' : 'MISSED: the heap is';
console.log(`\n${verdict} ${((100 * last) / first).toFixed(1)} % of what it was after the first hour`);
alerts.close();
budgets.close();
