// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { z } from 'zod';
import { formatDuration, formatPercentage } from '../../foundation/units.js';
import { headerFields } from './routes.js';
import { section } from './section.js';
import { percentage } from './shares.js';
import { choice, duration, expect, text, withDefault } from './values.js';

export const tracesDefaults = {
  sample: 1,
  /** Milliseconds. */
  slow: 1_000,
} as const;

/** Without a name and a password in it: they would stand in events and logs. */
const endpointPattern = /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i;

const endpoint = () =>
  text('an http:// or https:// URL such as `http://127.0.0.1:4318`, without a query and a password', endpointPattern);

const mapping = section({
  endpoint: endpoint().describe(
    'The collector, Jaeger, Tempo, … that takes OTLP over HTTP (http/protobuf, mostly port 4318). `/v1/traces` is added where it does not end that way. OpenTelemetry: OTEL_EXPORTER_OTLP_ENDPOINT.',
  ),
  headers: headerFields('The value of the field. Take secrets from the environment: `${NAME}`.')
    .describe(
      'Header fields of each export, such as `authorization`: name → value. `mesh config` does not show the values. Default: those of OTEL_EXPORTER_OTLP_HEADERS.',
    )
    .optional(),
  timeout: duration({ zero: 'refused' })
    .describe(
      'How long one export may take, over all its tries: refused connections and 429, 502, 503, 504 are tried again. Default: OTEL_EXPORTER_OTLP_TIMEOUT, else 10s.',
    )
    .optional(),
  compression: choice(['none', 'gzip'])
    .describe('Of the body of an export. Default: OTEL_EXPORTER_OTLP_COMPRESSION, else none.')
    .optional(),
});

export type OtlpFile = z.output<typeof mapping> | 'off';

const off = choice(['off']);
const short = endpoint().transform((url): OtlpFile => ({ endpoint: url }));

export const traces = section({
  sample: withDefault(
    percentage(),
    'Of the traces that begin at this mesh, the share that is sampled: their spans are sent, and `traceparent` asks the services to do so too. A request that comes with a trace is sampled as its client says. Without this key OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG count. Istio: randomSamplingPercentage.',
    formatPercentage(tracesDefaults.sample),
  ).optional(),
  slow: withDefault(
    duration({ zero: 'refused' }),
    'From how long on a request counts as slow: slow ones and errors are kept to be looked at, sampled or not.',
    formatDuration(tracesDefaults.slow),
  ).optional(),
  otlp: z
    .union([off, short, mapping], {
      error: expect('a URL such as `http://127.0.0.1:4318`, `off`, or a mapping with an `endpoint`'),
    })
    .describe(
      'Where spans are sent, those of the mesh and those that services send to it, as OTLP over HTTP: a URL, `off`, or a mapping. Default: as OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT say, else nowhere. Envoy: OpenTelemetryConfig. Traefik: tracing.otlp.',
    )
    .optional(),
});

export type TracesFile = z.output<typeof traces>;
