// What the spans of one exchange cost that is sampled: making both and putting them into the queue, and, beside it, what
// OpenTelemetry's packages take to bring them to a collector. Run after `npm run build`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { Body } from '../dist/exchange/body.js';
import { Exchange } from '../dist/exchange/exchange.js';
import { systemClock } from '../dist/foundation/clock.js';
import { Fields } from '../dist/http1/fields.js';
import { Traces } from '../dist/telemetry/traces/traces.js';

/** Goal: microseconds of CPU per exchange, without the bringing. */
const goal = 5;
const rounds = Number(process.argv[2] ?? 200);
/** Two spans each: one batch, so that none is sent while it is measured. */
const exchanges = 255;

process.env.OTEL_BSP_SCHEDULE_DELAY = '1';
const program =
  "require('http').createServer((q,r)=>q.resume().on('end',()=>r.end())).listen(0,'127.0.0.1',function(){console.log(this.address().port)})";
const collector = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
const [port] = await once(collector.stdout, 'data');

const body = Body.of(Buffer.alloc(0));
const client = { host: '127.0.0.1', port: 50_000 };
const instance = { id: 'orders-1', service: 'orders', version: 'v1', address: { host: '127.0.0.1', port: 4_001 } };
const fields = ['Host', 'orders.localhost:8080', 'User-Agent', 'bench/1', 'Accept', '*/*', 'Accept-Encoding', 'gzip'];
const done = Promise.resolve();
const response = { status: 200, reason: 'OK', fields: new Fields(), body };
const outcome = { kind: 'answered', status: 200 };

async function tracesOf(sample, otlp) {
  const traces = new Traces({ clock: systemClock, environment: process.env, version: '0.0.0', warn: console.error });
  await traces.configure({ sample: { share: sample, named: true }, slow: 1_000, otlp }, 'bench');
  return traces;
}
const url = `http://127.0.0.1:${String(port).trim()}/v1/traces`;
const endpoint = { kind: 'endpoint', url, headers: {}, timeout: undefined, compression: undefined };
const cases = [
  { name: 'named, and nothing is sent', traces: await tracesOf(1, { kind: 'off' }) },
  { name: 'sent, and this one is not sampled', traces: await tracesOf(0, endpoint) },
  { name: 'sent', traces: await tracesOf(1, endpoint) },
].map((each) => ({ ...each, best: Infinity, cpu: 0 }));

for (let round = -20; round < rounds; round++) {
  for (const each of cases) {
    const before = process.cpuUsage();
    const cost = await measured(each.traces);
    await drained(each.traces, (round + 21) * exchanges * 2);
    const { user, system } = process.cpuUsage(before);
    if (round < 0) continue; // they warm the compiler
    each.best = Math.min(each.best, cost);
    each.cpu += (user + system) / exchanges / rounds;
  }
}
collector.kill();
console.log(`${rounds} rounds of ${exchanges} exchanges, Node ${process.version}`);
console.log(`${''.padEnd(34)} made and queued   all CPU`);
for (const { name, best, cpu } of cases) {
  console.log(`${name.padEnd(34)} ${best.toFixed(2).padStart(12)} µs ${cpu.toFixed(1).padStart(6)} µs`);
}
const [none, , sent] = cases;
const extra = sent.best - none.best;
console.log(`${extra <= goal ? 'reached' : 'MISSED'}: ${extra.toFixed(2)} µs for both spans, of ${goal}`);
process.exit();

/** Microseconds per exchange. */
async function measured(traces) {
  const open = [];
  const start = performance.now();
  for (let at = 0; at < exchanges; at++) {
    const head = {
      method: 'GET',
      target: '/cart/items?id=17',
      authority: 'orders.localhost:8080',
      version: '1.1',
      fields: new Fields(fields),
      body,
      upgrade: undefined,
    };
    const exchange = new Exchange({ kind: 'front' }, client, head, performance.now());
    open.push(exchange);
    void traces.identify(exchange, () =>
      traces.layer(exchange, () => {
        exchange.service = 'orders';
        exchange.instance = instance;
        const startedAt = performance.now();
        const spanId = exchange.trace.nextSpanId();
        const result = { kind: 'answered', status: 200 };
        exchange.attempts.push({ instance, spanId, startedAt, endedAt: startedAt, result });
        exchange.response = response;
        return done;
      }),
    );
  }
  const begun = performance.now() - start;
  await new Promise(setImmediate); // the answers are there
  const again = performance.now();
  for (const exchange of open) exchange.finish(outcome);
  return ((begun + performance.now() - again) * 1e3) / exchanges;
}

/** Waits until all is sent that was made. */
async function drained(traces, count) {
  if (traces.counts === undefined || traces.counts.exported === 0)
    return void (await new Promise((resolve) => setTimeout(resolve, 5)));
  while (traces.counts.exported < count) await new Promise((resolve) => setTimeout(resolve, 1));
}
