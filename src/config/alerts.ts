import { formatDuration, formatPercentage } from '../foundation/units.js';
import type { AlertConfig, NotifyConfig, SloConfig } from './alert-configs.js';
import { maskCredentials } from './credentials.js';
import { escapeReferences } from './interpolate.js';
import type { AlertFile } from './schema/alerts.js';
import { alertDefaults } from './schema/alerts.js';
import type { SloFile } from './schema/slo.js';
import { sloDefaults } from './schema/slo.js';

/** @param directory absolute; commands run in it */
export function resolveAlerts(alerts: readonly AlertFile[], directory: string): readonly AlertConfig[] {
  return alerts.map(({ name, service, when, labels, notify, ...times }) => ({
    name,
    service,
    when,
    for: times.for ?? alertDefaults.for,
    keepFiringFor: times.keepFiringFor ?? alertDefaults.keepFiringFor,
    labels: labels ?? {},
    notify: notify?.map((receiver) => resolveReceiver(receiver, directory)) ?? [{ kind: 'terminal' }],
  }));
}

function resolveReceiver(receiver: NonNullable<AlertFile['notify']>[number], directory: string): NotifyConfig {
  if (receiver === 'terminal') return { kind: 'terminal' };
  const { webhook, command } = receiver;
  if (webhook !== undefined) return { kind: 'webhook', url: webhook };
  if (command !== undefined) return { kind: 'command', command, directory };
  throw new TypeError('a receiver that is none got past the rules');
}

export function resolveSlo({ availability, window }: SloFile): SloConfig {
  return { availability, window: window ?? sloDefaults.window };
}

/** As the mesh file writes them. */
export function alertsText(alerts: readonly AlertConfig[]) {
  return alerts.map(({ name, service, when, labels, notify, ...times }) => {
    const pairs = Object.entries(labels).map(([label, value]) => [label, escapeReferences(value)]);
    return {
      name: escapeReferences(name),
      service,
      when: when.text,
      for: formatDuration(times.for),
      keepFiringFor: formatDuration(times.keepFiringFor),
      labels: pairs.length === 0 ? undefined : Object.fromEntries(pairs),
      notify: notify.map(receiverText),
    };
  });
}

function receiverText(receiver: NotifyConfig) {
  switch (receiver.kind) {
    case 'terminal':
      return receiver.kind;
    case 'webhook':
      return { webhook: escapeReferences(maskCredentials(receiver.url)) };
    case 'command':
      return { command: receiver.command };
  }
}

export function sloText({ availability, window }: SloConfig) {
  return { availability: formatPercentage(availability), window: formatDuration(window) };
}

/** For those who need not know whom a webhook is for: many have their secret in the path. */
export function withHiddenWebhooks(alerts: readonly AlertConfig[]): readonly AlertConfig[] {
  const redacted = (receiver: NotifyConfig): NotifyConfig =>
    receiver.kind === 'webhook' ? { ...receiver, url: `${new URL(receiver.url).origin}/redacted` } : receiver;
  return alerts.map((alert) => ({ ...alert, notify: alert.notify.map(redacted) }));
}
