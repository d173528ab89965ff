import type { AlertConfig } from '../../config/alert-configs.js';

/** An alert, watched for one service. Times are milliseconds since 1970. */
export interface Alert {
  readonly config: AlertConfig;
  readonly service: string;
  readonly state: AlertState;
  /** What its metric was when it was last looked at; undefined where there is nothing to measure, such as a p99 without requests. */
  readonly value: number | undefined;
}

/** As in Prometheus; `resolved` is inactive with a past. */
export type AlertState =
  | { readonly kind: 'inactive' }
  /** The condition holds, not yet for long enough. */
  | { readonly kind: 'pending'; readonly since: number }
  | { readonly kind: 'firing'; readonly since: number }
  /** It has fired before. */
  | { readonly kind: 'resolved'; readonly since: number; readonly firedAt: number };

/** Told of each time that a state becomes another. */
export interface AlertChange {
  readonly alert: Alert;
  readonly from: AlertState['kind'];
  readonly at: number;
}
