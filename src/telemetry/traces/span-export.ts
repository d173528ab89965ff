import type { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Exchange } from '../../exchange/exchange.js';
import type { Outcome } from '../../exchange/outcome.js';
import type { Clock } from '../../foundation/clock.js';
import { pause } from '../../foundation/clock.js';
import type { Ends, SpanRooms } from './exchange-spans.js';
import { clientSpans, contextOf, spansOf } from './exchange-spans.js';
import type { Ids } from './ids.js';
import type { ExportPlan } from './plan.js';
import type { FinishedSpan } from './span.js';
import type { SpanCounts } from './span-counts.js';
import type { RelayDelegate, SentSpans } from './span-relay.js';
import { SpanRelay } from './span-relay.js';
import { formatTraceParent } from './trace-context.js';
import { WallTime } from './wall-time.js';
import { WatchedExporter } from './watched-exporter.js';

/** Spans that wait for their batch at most. OpenTelemetry: OTEL_BSP_MAX_QUEUE_SIZE. */
const standardQueue = 2_048;

/** Milliseconds that a span waits for others: who has just sent a request wants to look at it. OpenTelemetry: 5 s, OTEL_BSP_SCHEDULE_DELAY. */
const standardDelay = 1_000;

/** Milliseconds that the end of the mesh, or of its export, waits for a collector. */
const closeLimit = 2_000;

/** How the mesh calls itself where it sends spans; the SDK puts its own name behind that. */
const userAgent = 'service-mesh';

/** Of the gateway as a whole: it is one service to those that look at traces, as any other proxy in front of several is. */
const serviceName = 'mesh';

export interface ExportRooms {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly counts: SpanCounts;
  /** Of the spans of services. */
  readonly relayed: SpanCounts;
  /** Of the mesh. */
  readonly name: string;
  /** Of the package. */
  readonly version: string;
  /** Where OpenTelemetry's variables are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly warn: (message: string) => void;
}

/** Makes spans of exchanges and brings them to a collector, in batches, by OpenTelemetry's own packages. */
export class SpanExport {
  readonly #clock: Clock;
  readonly #counts: SpanCounts;
  readonly #rooms: SpanRooms;
  readonly #processor: BatchSpanProcessor;
  readonly #exporter: WatchedExporter;
  readonly #relay: SpanRelay;
  readonly #queueSize: number;
  #queued = 0;

  private constructor(plan: ExportPlan, packages: Packages, rooms: ExportRooms) {
    const { clock, counts, relayed, warn, name, version } = rooms;
    const { BatchSpanProcessor, resourceFromAttributes, envDetector, createTraceState } = packages;
    this.#clock = clock;
    this.#counts = counts;
    const { OTEL_BSP_MAX_QUEUE_SIZE: queueSize, OTEL_BSP_SCHEDULE_DELAY: delay } = rooms.environment;
    this.#queueSize = Number(queueSize) || standardQueue;
    const options = optionsOf(plan, packages, rooms.ids);
    this.#exporter = new WatchedExporter(new packages.OTLPTraceExporter(options), {
      counts,
      relayed,
      url: plan.url,
      warn,
      onTaken: (count) => {
        this.#queued -= count;
      },
    });
    this.#relay = new SpanRelay((fields) => delegateOf(options, fields, packages), this.#exporter, relayed);
    this.#processor = new BatchSpanProcessor(this.#exporter, {
      maxQueueSize: this.#queueSize,
      scheduledDelayMillis: delay === undefined ? standardDelay : undefined, // then it reads it itself, as it does all others
    });
    const own = { 'service.name': serviceName, 'service.namespace': name, 'service.version': version };
    this.#rooms = {
      resource: packages
        .defaultResource()
        .merge(resourceFromAttributes(own))
        .merge(resourceFromAttributes(envDetector.detect().attributes ?? {})), // OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
      scope: { name: 'service-mesh', version },
      wallTime: new WallTime(),
      traceStateOf: createTraceState,
    };
  }

  /** Rejects where the packages are not installed. */
  static async open(plan: ExportPlan, rooms: ExportRooms): Promise<SpanExport> {
    return new SpanExport(plan, await loadPackages(), rooms);
  }

  /** To be called when the exchange is over. Where too many spans wait already, none are made. */
  add(exchange: Exchange, outcome: Outcome, ends: Ends): void {
    this.#put(1 + exchange.attempts.length, (rooms) => spansOf(exchange, outcome, ends, rooms));
  }

  /** To be called when the copy is over: nobody is told of it but the service that got it. */
  addCopy(copy: Exchange, { answer }: Ends): void {
    const { trace, attempts } = copy;
    if (trace === undefined) return;
    this.#put(attempts.length, (rooms) => clientSpans(copy, contextOf(copy, trace, rooms), answer, rooms));
  }

  /** Spans that a service has sent. */
  relay(sent: SentSpans): void {
    this.#relay.relay(sent);
  }

  /** Sends what waits, and gives up what the collector does not take in time: at once, where it has taken nothing of late. */
  async flush(): Promise<void> {
    const sending = Promise.all([this.#processor.forceFlush(), this.#exporter.forceFlush()]); // the first knows only what waits
    if (!(await this.#isInTime(sending))) this.#exporter.giveUp();
  }

  /** The same, for the last time. */
  async close(): Promise<void> {
    await this.#isInTime(Promise.all([this.#processor.shutdown(), this.#relay.close()]));
    this.#exporter.giveUp();
  }

  async #isInTime(sending: Promise<unknown>): Promise<boolean> {
    const isOver = new AbortController();
    const over = () => isOver.abort();
    sending.then(over, over);
    await pause(this.#clock, this.#exporter.isFailing ? 0 : closeLimit, isOver.signal);
    return isOver.signal.aborted;
  }

  #put(count: number, make: (rooms: SpanRooms) => FinishedSpan[]): void {
    if (this.#queued + count > this.#queueSize) return void this.#counts.drop('queue_full', count);
    this.#queued += count;
    this.#rooms.wallTime.look(this.#clock.now(), this.#clock.monotonic());
    for (const span of make(this.#rooms)) this.#processor.onEnd(span);
  }
}

type Packages = Awaited<ReturnType<typeof loadPackages>>;

/** Some 150 ms and 12 MB of memory, for those who want it. */
async function loadPackages() {
  const [api, resources, sdk, base, http, exporter] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/otlp-exporter-base'),
    import('@opentelemetry/otlp-exporter-base/node-http'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  return { ...api, ...resources, ...sdk, ...base, ...http, ...exporter };
}

/** What the plan leaves open is read from the OTEL_EXPORTER_OTLP_… variables. */
function optionsOf({ url, headers, timeout, compression }: ExportPlan, packages: Packages, ids: Ids) {
  const { NONE, GZIP } = packages.CompressionAlgorithm;
  return {
    url,
    headers: { ...headers, traceparent: formatTraceParent({ traceId: ids.trace(), spanId: ids.span(), flags: 0 }) },
    timeoutMillis: timeout,
    compression: compression && { none: NONE, gzip: GZIP }[compression],
    userAgent,
  };
}

/** Of what the official exporter is made of, all but its serializer: what is relayed is written and packed already. */
function delegateOf(
  options: ReturnType<typeof optionsOf>,
  fields: Readonly<Record<string, string>>,
  packages: Packages,
): RelayDelegate {
  const asItIs = { ...options, compression: packages.CompressionAlgorithm.NONE, concurrencyLimit: Infinity };
  return packages.createOtlpHttpExportDelegate(
    packages.convertLegacyHttpOptions(asItIs, 'TRACES', 'v1/traces', fields),
    { serializeRequest: (bytes: Buffer) => bytes, deserializeResponse: () => ({}) },
    'relay',
    { name: 'span', countItems: () => 1 }, // for metrics that nobody reads
    undefined,
  );
}
