/** An alert as it is resolved. Durations are milliseconds. */
export interface AlertConfig {
  /** One of a kind in the file. */
  readonly name: string;
  /** undefined: it is watched for each service, apart. */
  readonly service: string | undefined;
  readonly when: AlertCondition;
  /** How long the condition must hold before it fires. Prometheus: for. */
  readonly for: number;
  /** How long it goes on firing once the condition holds no more. Prometheus: keep_firing_for. */
  readonly keepFiringFor: number;
  /** For those who are told: `{ severity: page }`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly notify: readonly NotifyConfig[];
}

/** `p99 > 500ms`: what is measured, and which side of a threshold is bad. */
export interface AlertCondition {
  /** As the file has it. */
  readonly text: string;
  readonly metric: AlertMetric;
  readonly operator: AlertOperator;
  /** In the metric's own unit: a share of 1, milliseconds, requests per second, a count, or a factor. */
  readonly threshold: number;
}

export const alertMetrics = [
  'error_rate',
  'success_rate',
  'requests',
  'errors',
  'retries',
  'p50',
  'p95',
  'p99',
  'in_flight',
  'queue',
  'healthy_instances',
  'instances',
  'burn_rate',
  'budget',
] as const;
export type AlertMetric = (typeof alertMetrics)[number];

/** Only of a service with an objective. */
export function isOfBudget(metric: AlertMetric): boolean {
  return metric === 'burn_rate' || metric === 'budget';
}

export const alertOperators = ['>=', '<=', '==', '!=', '>', '<'] as const;
export type AlertOperator = (typeof alertOperators)[number];

export type NotifyConfig =
  /** A line of `mesh up`. */
  | { readonly kind: 'terminal' }
  | { readonly kind: 'webhook'; readonly url: string }
  /** Run by the shell, with the alert in its environment and on its input. */
  | { readonly kind: 'command'; readonly command: string; readonly directory: string };

/** A promise of how many requests are answered well, and over which time it is kept (Google SRE: error budget). */
export interface SloConfig {
  /** 0–1: `99.9%` is 0.999. */
  readonly availability: number;
  /** Milliseconds. */
  readonly window: number;
}
