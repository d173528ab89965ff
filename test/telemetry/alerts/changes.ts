import type { AlertConfig, NotifyConfig } from '../../../src/config/alert-configs.js';
import type { Alert, AlertChange } from '../../../src/telemetry/alerts/alert.js';

export function alertConfig(changes: Partial<AlertConfig> = {}): AlertConfig {
  return {
    name: 'orders are failing',
    service: undefined,
    when: { text: 'error_rate > 5%', metric: 'error_rate', operator: '>', threshold: 0.05 },
    for: 30_000,
    keepFiringFor: 0,
    labels: { severity: 'page' },
    notify: [],
    ...changes,
  };
}

type Changes = Partial<Alert> & { readonly name?: string };

/** It begins to fire. */
export function firing(notify: readonly NotifyConfig[], { name, ...changes }: Changes = {}): AlertChange {
  const alert: Alert = {
    config: alertConfig({ notify, ...(name !== undefined && { name }) }),
    service: 'orders',
    state: { kind: 'firing', since: firedAt },
    value: 0.125,
    ...changes,
  };
  return { alert, from: 'pending', at: firedAt };
}

/** It fires no more, a minute later. */
export function resolved(notify: readonly NotifyConfig[], changes: Changes = {}): AlertChange {
  const at = firedAt + 60_000;
  const state = { kind: 'resolved', since: at, firedAt } as const;
  return { alert: firing(notify, { state, value: 0, ...changes }).alert, from: 'firing', at };
}

export const firedAt = Date.UTC(2026, 0, 1, 12);
