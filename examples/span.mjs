// Tells of a piece of work within a request: a span of OpenTelemetry, as one POST of JSON. A program with an OpenTelemetry SDK
// needs nothing of this: the mesh puts OTEL_EXPORTER_OTLP_ENDPOINT into its environment, and `mesh explain` shows its spans.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME } = process.env;

/** The `traceparent` of the request that is being answered. */
const current = new AsyncLocalStorage();

/** What a call sends on, so that it belongs to the same trace. */
export const traceHeaders = () => (current.getStore() ? { traceparent: current.getStore() } : {});

export const inTrace = (traceparent, work) => current.run(traceparent, work);

export async function span(name, work) {
  const [version, traceId, parentSpanId, flags] = current.getStore()?.split('-') ?? [];
  if (OTEL_EXPORTER_OTLP_ENDPOINT === undefined || flags === undefined) return work();
  const spanId = randomBytes(8).toString('hex');
  const startTimeUnixNano = now();
  const status = { code: 1 };
  try {
    return await inTrace(`${version}-${traceId}-${spanId}-${flags}`, work);
  } catch (error) {
    Object.assign(status, { code: 2, message: error.message });
    throw error;
  } finally {
    send({ traceId, spanId, parentSpanId, name, kind: 1, startTimeUnixNano, endTimeUnixNano: now(), status });
  }
}

const now = () => `${Math.round((performance.timeOrigin + performance.now()) * 1_000)}000`;

function send(span) {
  const attributes = [{ key: 'service.name', value: { stringValue: OTEL_SERVICE_NAME } }];
  const body = JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [span] }] }] });
  const headers = { 'content-type': 'application/json' };
  fetch(`${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`, { method: 'POST', headers, body }).catch(() => {}); // a span less
}
