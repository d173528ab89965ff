import type { TracesConfig } from '../../config/snapshot.js';
import { tracesUrl } from '../../config/traces.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** By what spans are sent. What is undefined, OpenTelemetry's exporter reads from its own variables. */
export interface ExportPlan {
  /** Of the traces, path and all. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number | undefined;
  readonly compression: 'none' | 'gzip' | undefined;
}

export interface TracesPlan {
  /** Of the traces that begin here, the share that is sampled. */
  readonly share: number;
  /** undefined: spans are sent nowhere, and none are made. */
  readonly export: ExportPlan | undefined;
  /** What a variable says that cannot be done. */
  readonly warning: string | undefined;
}

/**
 * What the mesh file says, and where it says nothing what the variables of OpenTelemetry do: the same that switch it on in
 * the services, which inherit them.
 */
export function planOf({ sample, otlp }: TracesConfig, environment: Environment): TracesPlan {
  const share = sample.named ? sample.share : (shareOf(environment) ?? sample.share);
  switch (otlp.kind) {
    case 'off':
      return { share, export: undefined, warning: undefined };
    case 'endpoint': {
      const { url, headers, timeout, compression } = otlp;
      return { share, export: { url, headers, timeout, compression }, warning: undefined };
    }
    case 'environment':
      return { share, ...exportOf(environment) };
  }
}

/** The parent's own decision always counts, whether the sampler is called `parentbased_…` or not. */
function shareOf(environment: Environment): number | undefined {
  const sampler = said(environment, 'OTEL_TRACES_SAMPLER')
    ?.toLowerCase()
    .replace(/^parentbased_/, '');
  switch (sampler) {
    case 'always_on':
      return 1;
    case 'always_off':
      return 0;
    case 'traceidratio': {
      const share = Number(said(environment, 'OTEL_TRACES_SAMPLER_ARG') ?? 1);
      return share >= 0 && share <= 1 ? share : undefined;
    }
    default:
      return undefined;
  }
}

function exportOf(environment: Environment): Pick<TracesPlan, 'export' | 'warning'> {
  const nothing = { export: undefined, warning: undefined };
  const own = said(environment, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const shared = said(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const exporters = said(environment, 'OTEL_TRACES_EXPORTER')?.toLowerCase().split(',') ?? ['otlp'];
  const isDisabled = said(environment, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
  const isWanted = exporters.some((exporter) => exporter.trim() === 'otlp');
  if (isDisabled || !isWanted || (own ?? shared) === undefined) return nothing;
  const protocol =
    said(environment, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? said(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol === 'grpc') return { ...nothing, warning: warningOf('OTEL_EXPORTER_OTLP_PROTOCOL', protocol) };
  const url = own ?? tracesUrl(shared ?? '');
  if (!isHttp(url)) return { ...nothing, warning: warningOf('OTEL_EXPORTER_OTLP_ENDPOINT', url) };
  return { export: { url, headers: {}, timeout: undefined, compression: undefined }, warning: undefined };
}

function warningOf(variable: string, value: string): string {
  return `${variable} is \`${value}\`, and the mesh speaks OTLP over HTTP: it sends no spans (\`telemetry.traces.otlp\` says where to)`;
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** An empty variable is as one that is not set (OpenTelemetry, environment variables). */
function said(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}
