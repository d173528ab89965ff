import type { AlertMetric } from '../../config/alert-configs.js';
import type { ServiceSummary } from '../measure.js';
import type { BudgetReading } from './error-budget.js';

/** Where the metrics of alerts come from. */
export interface MetricSources {
  /** Of the last seconds. */
  summary(service: string): ServiceSummary;
  /** How many requests wait for their turn. */
  queued(service: string): number;
  instances(service: string): { readonly total: number; readonly healthy: number };
  budget(service: string): BudgetReading | undefined;
}

/** What there is to know of one service at one moment; each source is asked once, and only if somebody wants to know. */
export class MetricValues {
  readonly #service: string;
  readonly #sources: MetricSources;
  #summary: ServiceSummary | undefined;

  constructor(service: string, sources: MetricSources) {
    this.#service = service;
    this.#sources = sources;
  }

  /** In the metric's own unit; undefined where there is nothing to measure: no request, or no objective. */
  of(metric: AlertMetric): number | undefined {
    switch (metric) {
      case 'error_rate':
        return this.#ofRequests(({ errorRate }) => errorRate);
      case 'success_rate':
        return this.#ofRequests(({ errorRate }) => 1 - errorRate);
      case 'requests':
        return this.#measured.requestsPerSecond;
      case 'errors':
        return this.#measured.errorRate * this.#measured.requestsPerSecond;
      case 'retries':
        return this.#measured.retriesPerSecond;
      case 'p50':
      case 'p95':
      case 'p99':
        return this.#measured[metric];
      case 'in_flight':
        return this.#measured.inFlight;
      case 'queue':
        return this.#sources.queued(this.#service);
      case 'healthy_instances':
        return this.#sources.instances(this.#service).healthy;
      case 'instances':
        return this.#sources.instances(this.#service).total;
      case 'burn_rate':
        return this.#sources.budget(this.#service)?.burnRate;
      case 'budget':
        return this.#sources.budget(this.#service)?.remaining;
    }
  }

  get #measured(): ServiceSummary {
    this.#summary ??= this.#sources.summary(this.#service);
    return this.#summary;
  }

  /** A share of nothing is none. */
  #ofRequests(share: (summary: ServiceSummary) => number): number | undefined {
    return this.#measured.requestsPerSecond === 0 ? undefined : share(this.#measured);
  }
}
