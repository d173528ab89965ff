import { metricInWords } from '../../config/alert-units.js';
import type { Alert } from './alert.js';
import type { Notice } from './notice.js';

/** What Alertmanager posts to its webhooks, version 4: whoever reads that reads this. */
export interface AlertmanagerMessage {
  readonly version: '4';
  /** One for each group, whatever is sent of it: a receiver knows by it what belongs together. */
  readonly groupKey: string;
  readonly truncatedAlerts: number;
  readonly status: Notice['status'];
  readonly receiver: string;
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  readonly externalURL: string;
  readonly alerts: readonly AlertmanagerAlert[];
}

export interface AlertmanagerAlert {
  readonly status: Notice['status'];
  readonly labels: Labels;
  readonly annotations: Labels;
  /** RFC 3339. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  /** As Prometheus computes it of the labels: 16 hexadecimal digits. */
  readonly fingerprint: string;
}

type Labels = Readonly<Record<string, string>>;

/** Each alert is a group of its own at each service: none waits for another. @param adminUrl where the mesh is asked about it */
export function alertmanagerMessage(notice: Notice, receiver: string, adminUrl: string): AlertmanagerMessage {
  const { alert, status } = notice;
  const { name } = alert.config;
  const groupLabels = { alertname: name, service: alert.service };
  const labels = { ...alert.config.labels, ...groupLabels };
  const annotations = annotationsOf(alert);
  return {
    version: '4',
    groupKey: `{}:{alertname=${JSON.stringify(name)}, service=${JSON.stringify(alert.service)}}`,
    truncatedAlerts: 0,
    status,
    receiver,
    groupLabels,
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: adminUrl,
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: timeText(notice.startsAt),
        endsAt: notice.endsAt === undefined ? noTime : timeText(notice.endsAt),
        generatorURL: `${adminUrl}/v1/alerts/${encodeURIComponent(name)}`,
        fingerprint: fingerprintOf(labels),
      },
    ],
  };
}

/** The zero of Go's time: what fires has not ended. */
const noTime = '0001-01-01T00:00:00Z';

export function timeText(at: number): string {
  return new Date(at).toISOString();
}

function annotationsOf(alert: Alert): Labels {
  const { config, value } = alert;
  return {
    summary: summaryOf(alert),
    description: `${config.when.text}${value === undefined ? '' : `, and it is ${metricInWords(config.when.metric, value)}`}`,
    ...(value !== undefined && { value: String(value) }),
  };
}

/** One line for people. */
export function summaryOf({ config, service, state, value }: Alert): string {
  const { metric } = config.when;
  const measured = value === undefined ? '' : `, ${metric} is ${metricInWords(metric, value)}`;
  return `${config.name}: ${state.kind} for ${service}${measured}`;
}

const offset = 14_695_981_039_346_656_037n;
const prime = 1_099_511_628_211n;
/** Between names and values: no byte of UTF-8. */
const separator = 0xff;

/** FNV-1a of 64 bits over the labels in the order of their names. */
function fingerprintOf(labels: Labels): string {
  const bytes = Object.keys(labels)
    .sort()
    .flatMap((name) => [...Buffer.from(name), separator, ...Buffer.from(labels[name] ?? ''), separator]);
  const hash = bytes.reduce((before, byte) => BigInt.asUintN(64, (before ^ BigInt(byte)) * prime), offset);
  return hash.toString(16).padStart(16, '0');
}
