import type { AlertState } from '../telemetry/alerts/alert.js';
import type { Family } from '../telemetry/prometheus/exposition.js';
import type { Rooms } from './assemble.js';

/** How the services keep their promises, and what is wrong with them just now. */
export function alertFamilies({ registry, alerts, budgets }: Rooms): Family[] {
  const readings = registry.services.flatMap(({ name: service }) => {
    const reading = budgets.of(service);
    return reading === undefined ? [] : [{ labels: { service }, ...reading }];
  });
  return [
    {
      name: 'mesh_alert_state',
      type: 'gauge',
      help: 'Of an alert: 0 inactive or resolved, 1 pending, 2 firing.',
      samples: alerts.alerts.map(({ config, service, state }) => ({
        labels: { alertname: config.name, service },
        value: height[state.kind],
      })),
    },
    {
      name: 'mesh_slo_budget_remaining',
      type: 'gauge',
      help: 'Of the error budget of a service: 1 is all of it, 0 nothing, and below that it is overspent.',
      samples: readings.map(({ labels, remaining }) => ({ labels, value: remaining })),
    },
    {
      name: 'mesh_slo_burn_rate',
      type: 'gauge',
      help: 'How fast the error budget is spent, over the last twelfth of its window: 1 spends exactly all of it.',
      samples: readings.map(({ labels, burnRate }) => ({ labels, value: burnRate })),
    },
  ];
}

const height: Readonly<Record<AlertState['kind'], number>> = { inactive: 0, resolved: 0, pending: 1, firing: 2 };
