import { afterEach, expect, test, vi } from 'vitest';
import type { OtlpConfig } from '../../../src/config/snapshot.js';
import type { Exchange } from '../../../src/exchange/exchange.js';
import { exportedSpanFamilies } from '../../../src/telemetry/prometheus/exported-spans.js';
import { Traces } from '../../../src/telemetry/traces/traces.js';
import { Collector } from '../../support/collector.js';
import { exchangeOf } from '../../support/exchange.js';
import { ManualClock } from '../../support/manual-clock.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Milliseconds: shorter than the first pause of the exporter, so that it tries once. */
const impatience = { timeout: 700 };

/** Traces that are sent to `url`, on a clock that stands still; OpenTelemetry's own timers run on. */
class Sending implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly warnings: string[] = [];
  readonly traces: Traces;
  readonly #waiting: (() => void)[] = [];

  /** @param batch spans that are sent together */
  constructor(batch = 1, queueSize = 2_048) {
    vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '5');
    vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', String(batch));
    this.traces = new Traces({
      clock: this.clock,
      environment: { OTEL_BSP_MAX_QUEUE_SIZE: String(queueSize), OTEL_BSP_SCHEDULE_DELAY: 'set' },
      version: '0.0.0',
      warn: (message) => {
        this.warnings.push(message);
        for (const wake of this.#waiting.splice(0)) wake();
      },
    });
  }

  async to(url: string, changes: Partial<Extract<OtlpConfig, { kind: 'endpoint' }>> = {}): Promise<this> {
    const otlp = {
      kind: 'endpoint' as const,
      url: `${url}/v1/traces`,
      headers: {},
      timeout: 60_000,
      compression: undefined,
    };
    const sample = { share: 1, named: true };
    await this.traces.configure({ sample, slow: 1_000, otlp: { ...otlp, ...changes } }, 'shop');
    return this;
  }

  /** A request that no service is found for: one span. */
  async exchange(): Promise<Exchange> {
    const exchange = exchangeOf();
    await this.traces.identify(exchange, () => this.traces.layer(exchange, async () => {}));
    exchange.finish({ kind: 'refused', status: 404, code: 'no_route' });
    return exchange;
  }

  async warned(count: number): Promise<void> {
    while (this.warnings.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** What `/metrics` says. */
  get counts(): Record<string, number> {
    const own = exportedSpanFamilies(this.traces.counts).filter(({ name }) => name.startsWith('mesh_spans_'));
    const samples = own.flatMap((family) => family.samples);
    return Object.fromEntries(samples.map(({ labels, value }) => [labels.reason ?? 'exported', value]));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.traces.close();
  }
}

test('nothing is counted where no spans are sent', () => {
  expect(new Sending().counts).toEqual({});
});

test('a collector that is not there costs spans, which are counted, and is told of once; so is its return', async () => {
  const first = await Collector.start();
  const { url, port } = first;
  await first.close();
  await using sending = await new Sending().to(url, impatience);
  await sending.exchange();
  await sending.warned(1);
  await sending.exchange();
  await expect.poll(() => sending.counts.export_failed).toBe(2);
  expect(sending.warnings).toEqual([
    `spans do not reach ${url}/v1/traces and are dropped until they do: connect ECONNREFUSED 127.0.0.1:${port}`,
  ]);

  await using _ = await Collector.start(port);
  await sending.exchange();
  await sending.warned(2);
  expect(sending.warnings[1]).toBe(`spans reach ${url}/v1/traces again; 2 were lost`);
  expect(sending.counts).toEqual({ exported: 1, queue_full: 0, export_failed: 2, shutdown: 0 });
});

test.each([
  [{ status: 401 }, 'it answers with 401 Unauthorized'],
  [{ status: 503 }, 'it answers with 429, 502, 503 or 504'],
  ['never', 'Request timed out'],
] as const)('a collector that answers %j loses spans, and a warning says why', async (answer, why) => {
  await using collector = await Collector.start();
  collector.answer = answer;
  await using sending = await new Sending().to(collector.url, impatience);
  await sending.exchange();
  await sending.warned(1);
  expect(sending.warnings[0]).toContain(why);
  expect(sending.counts).toMatchObject({ exported: 0, export_failed: 1 });
});

test('a collector that asks for patience is asked again, and nothing is lost', async () => {
  await using collector = await Collector.start();
  collector.answer = { status: 429, headers: { 'retry-after': new Date(0).toUTCString() } };
  await using sending = await new Sending().to(collector.url);
  await sending.exchange();
  await collector.when(() => collector.requests.length > 0);
  collector.answer = { status: 200 };
  await collector.until(1);

  await sending.traces.close();
  expect(sending.warnings).toEqual([]);
  expect(sending.counts).toEqual({ exported: 1, queue_full: 0, export_failed: 0, shutdown: 0 });
});

test('while a collector hangs, no more spans wait than may, and none are made for what does not fit', async () => {
  await using collector = await Collector.start();
  collector.answer = 'never';
  const sending = await new Sending(2, 4).to(collector.url);
  for (let count = 0; count < 2; count++) await sending.exchange();
  await collector.when(() => collector.requests.length === 1);
  for (let count = 0; count < 7; count++) await sending.exchange();
  expect(sending.counts.queue_full).toBe(3);

  const closed = sending.traces.close();
  await sending.clock.elapse(2_000);
  await closed;
  expect(sending.counts).toEqual({ exported: 0, queue_full: 3, export_failed: 0, shutdown: 6 });
});

test('the end waits two seconds for a collector, and not at all for one that is known to take nothing', async () => {
  await using collector = await Collector.start();
  collector.answer = 'never';
  const sending = await new Sending().to(collector.url, impatience);
  await sending.exchange();
  await sending.warned(1);
  await sending.exchange();
  await collector.when(() => collector.requests.length === 2);
  const closed = sending.traces.close();
  await sending.clock.elapse(0);
  await closed;
  expect(sending.counts).toEqual({ exported: 0, queue_full: 0, export_failed: 1, shutdown: 1 });
});

test('the end waits once: where the first part of it has waited in vain, the last does not', async () => {
  await using collector = await Collector.start();
  collector.answer = 'never';
  const sending = await new Sending().to(collector.url);
  await sending.exchange();
  await collector.when(() => collector.requests.length === 1);
  const flushed = sending.traces.flush();
  await sending.clock.elapse(2_000);
  await flushed;
  const closed = sending.traces.close();
  await sending.clock.elapse(0);
  await closed;
  expect(sending.counts).toEqual({ exported: 0, queue_full: 0, export_failed: 0, shutdown: 1 });
});

test('what waits is sent at the end', async () => {
  await using collector = await Collector.start();
  const sending = new Sending(512);
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '60000');
  await sending.to(collector.url);
  for (let count = 0; count < 1_000; count++) await sending.exchange();
  expect(collector.spans).toEqual([]);
  await sending.traces.close();
  expect(collector.spans).toHaveLength(1_000);
  expect(sending.counts.exported).toBe(1_000);
});

test('another collector gets what comes from then on, the first what was before, and nothing is lost between', async () => {
  await using one = await Collector.start();
  await using other = await Collector.start();
  await using sending = await new Sending(512).to(one.url);
  const begun = await sending.exchange();
  await sending.to(other.url, { headers: { 'x-key': 'k' }, compression: 'gzip' });
  const later = await sending.exchange();
  await sending.traces.close();
  expect(one.spans.map(({ traceId }) => traceId)).toEqual([begun.trace?.traceId]);
  expect(other.spans.map(({ traceId }) => traceId)).toEqual([later.trace?.traceId]);
  expect(other.requests[0]?.headers).toMatchObject({ 'x-key': 'k', 'content-encoding': 'gzip' });
  expect(sending.counts.exported).toBe(2);
});

test('the variables of OpenTelemetry say what the mesh file does not', async () => {
  await using collector = await Collector.start();
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-key=from%20outside,x-other=2');
  vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=laptop');
  vi.stubEnv('OTEL_SERVICE_NAME', 'edge');
  await using sending = await new Sending().to(collector.url, { headers: { 'x-other': '3' } });
  await sending.exchange();
  const [span] = await collector.until(1);
  expect(collector.requests[0]?.headers).toMatchObject({
    'x-key': 'from outside',
    'x-other': '3',
    'content-encoding': 'gzip',
  });
  expect(span?.resource).toMatchObject({ 'service.name': 'edge', 'deployment.environment.name': 'laptop' });
});
