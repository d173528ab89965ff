import type { Alert, AlertChange } from './alert.js';

/** What receivers are told: that an alert fires for a service, or fires no more. Times are milliseconds since 1970. */
export interface Notice {
  /** Of the alert at its service: later news of it stands in place of earlier. */
  readonly key: string;
  readonly alert: Alert;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: number;
  /** undefined while it fires. */
  readonly endsAt: number | undefined;
}

/** undefined for a change that is nobody's business yet, or any more. */
export function noticeOf({ alert }: Pick<AlertChange, 'alert'>): Notice | undefined {
  const { config, service, state } = alert;
  const key = JSON.stringify([config.name, service]);
  switch (state.kind) {
    case 'firing':
      return { key, alert, status: 'firing', startsAt: state.since, endsAt: undefined };
    case 'resolved':
      return { key, alert, status: 'resolved', startsAt: state.firedAt, endsAt: state.since };
    case 'inactive':
    case 'pending':
      return undefined;
  }
}
