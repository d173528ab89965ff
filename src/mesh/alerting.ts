import type { Snapshot } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import type { Clock } from '../foundation/clock.js';
import type { Registry } from '../registry/registry.js';
import { AlertWatch } from '../telemetry/alerts/alert-watch.js';
import { ErrorBudgets } from '../telemetry/alerts/error-budgets.js';
import type { Measure } from '../telemetry/measure.js';

export interface AlertingRooms {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly measure: Measure;
  /** How many requests wait for their turn at a service. */
  queued(service: string): number;
  /** That which is in force. */
  snapshot(): Snapshot;
}

/** What watches over the services, with all that it looks at. */
export function alertingOf({ clock, registry, measure, queued, snapshot }: AlertingRooms): {
  readonly alerts: AlertWatch;
  readonly budgets: ErrorBudgets;
} {
  const services = () => registry.services.map(({ name }) => name).filter((name) => configOf(snapshot(), name).expose);
  const budgets = new ErrorBudgets({ clock, services, counts: (service) => measure.counts(service) });
  const alerts = new AlertWatch({
    clock,
    services,
    queued,
    summary: (service) => measure.summary(service),
    budget: (service) => budgets.of(service),
    instances(service) {
      const instances = registry.service(service)?.instances ?? [];
      const healthy = instances.filter(({ health }) => health === 'healthy' || health === 'unknown');
      return { total: instances.length, healthy: healthy.length };
    },
  });
  return { alerts, budgets };
}
