// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { formatDuration, formatPercentage } from '../foundation/units.js';
import { escapeReferences } from './interpolate.js';
import type { OtlpFile, TracesFile } from './schema/traces.js';
import { tracesDefaults } from './schema/traces.js';
import type { OtlpConfig, TracesConfig } from './snapshot.js';

const tracesPath = '/v1/traces';

export function resolveTraces({ sample, slow, otlp }: TracesFile): TracesConfig {
  return {
    sample: { share: sample ?? tracesDefaults.sample, named: sample !== undefined },
    slow: slow ?? tracesDefaults.slow,
    otlp: resolveOtlp(otlp),
  };
}

function resolveOtlp(otlp: OtlpFile | undefined): OtlpConfig {
  if (otlp === undefined) return { kind: 'environment' };
  if (otlp === 'off') return { kind: 'off' };
  const { endpoint, headers = {}, timeout, compression } = otlp;
  return { kind: 'endpoint', url: tracesUrl(endpoint), headers, timeout, compression };
}

/** Where traces go of an endpoint that is for all signals; whoever names the path is not given it twice. */
export function tracesUrl(endpoint: string): string {
  const base = endpoint.replace(/\/+$/, '');
  return base.endsWith(tracesPath) ? base : base + tracesPath;
}

/** The same as keys of the mesh file. What a header holds is most often a secret, and is read from the environment again. */
export function tracesText({ sample, slow, otlp }: TracesConfig) {
  return {
    sample: sample.named ? formatPercentage(sample.share) : undefined,
    slow: formatDuration(slow),
    otlp: otlpText(otlp),
  };
}

function otlpText(otlp: OtlpConfig) {
  if (otlp.kind === 'environment') return undefined;
  if (otlp.kind === 'off') return 'off' as const;
  const { url, headers, timeout, compression } = otlp;
  const names = Object.keys(headers);
  return {
    endpoint: escapeReferences(url),
    headers: names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, reference(name)])),
    timeout: timeout === undefined ? undefined : formatDuration(timeout),
    compression,
  };
}

/** `x-api-key` → `${OTLP_X_API_KEY}` */
function reference(name: string): string {
  return `\${OTLP_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}}`;
}
