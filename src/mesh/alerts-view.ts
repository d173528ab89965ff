import type { AlertDetailsView, AlertsView, AlertView, ReceiverView } from '../admin/alerts-wire.js';
import type { Control } from '../admin/control.js';
import { schemaVersion } from '../admin/schema-version.js';
import { MeshError } from '../foundation/errors.js';
import { nearest } from '../foundation/text.js';
import type { Alert } from '../telemetry/alerts/alert.js';
import type { CourierNumbers } from '../telemetry/alerts/courier.js';
import type { Notifier } from '../telemetry/alerts/notifier.js';
import type { EvidenceBook } from './evidence-book.js';

export interface AlertsRooms {
  /** What is watched now. */
  readonly alerts: () => readonly Alert[];
  readonly notifier: Notifier;
  readonly evidence: EvidenceBook;
}

/** The part of the control that tells of alerts. */
export function alertsControlOf({ alerts, notifier, evidence }: AlertsRooms): Pick<Control, 'alerts' | 'alert'> {
  return {
    alerts(): AlertsView {
      const watched = alerts();
      return {
        schemaVersion,
        alerts: watched.map(viewAlert),
        receivers: notifier.numbers(watched).map(viewReceiver),
      };
    },
    alert(name, service): AlertDetailsView {
      const named = alerts().filter(({ config }) => config.name === name);
      if (named.length === 0) throw unknownAlert(name, alerts());
      const meant = named.filter((alert) => service === undefined || alert.service === service);
      if (meant.length === 0) {
        throw new MeshError('unknown_service', `The alert \`${name}\` is not watched for \`${service}\``, {
          hint: `It is for ${named.map((alert) => alert.service).join(', ')}.`,
        });
      }
      return { schemaVersion, alerts: meant.map(viewAlert), evidence: evidence.newest(name, service) ?? null };
    },
  };
}

export function viewAlert({ config, service, state, value }: Alert): AlertView {
  return {
    name: config.name,
    service,
    state: state.kind,
    since: state.kind === 'inactive' ? null : state.since,
    value: value ?? null,
    condition: config.when.text,
    metric: config.when.metric,
    threshold: config.when.threshold,
    for: config.for,
    labels: { ...config.labels },
  };
}

function viewReceiver({ failure, ...numbers }: CourierNumbers): ReceiverView {
  return { ...numbers, failure: failure ?? null };
}

function unknownAlert(name: string, alerts: readonly Alert[]): MeshError {
  const meant = nearest(
    name,
    alerts.map(({ config }) => config.name),
  );
  return new MeshError('unknown_alert', `The mesh file has no alert \`${name}\``, {
    ...(meant === undefined ? {} : { hint: `Did you mean \`${meant}\`?` }),
  });
}
