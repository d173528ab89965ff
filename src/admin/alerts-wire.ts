import { z } from '@hono/zod-openapi';
import { alertMetrics } from '../config/alert-configs.js';
import { exchangeView } from './exchanges-wire.js';
import { logLineView } from './logs-wire.js';
import { schemaVersion } from './schema-version.js';
import { activeShapeView, scenarioView } from './shaping-wire.js';
import { revisionView, serviceView } from './wire.js';

/** Alerts, and what was found when one fired, as data. */

const measured = 'in the unit of its metric: a share (0–1), milliseconds, requests per second, or a count';

export const alertView = z
  .object({
    name: z.string(),
    service: z.string(),
    state: z
      .enum(['inactive', 'pending', 'firing', 'resolved'])
      .describe('pending: the condition holds, not yet for long enough; resolved: it fired, and fires no more.'),
    since: z.number().nullable().describe('Milliseconds since 1970, of that state; null while it has always been so.'),
    value: z.number().nullable().describe(`When it was looked at last, ${measured}; null without a measurement.`),
    condition: z.string().describe('As the mesh file has it: `error_rate > 5%`.'),
    metric: z.enum(alertMetrics).describe('What is measured.'),
    threshold: z.number().describe(`What it is compared with, ${measured}.`),
    for: z.number().describe('Milliseconds for which the condition must hold before it fires.'),
    labels: z.record(z.string(), z.string()),
  })
  .openapi('Alert');

export const receiverView = z
  .object({
    name: z.string().describe('`webhook http://127.0.0.1:9093/hook`, without password and query; or the command.'),
    delivered: z.number().int(),
    lost: z.number().int().describe('What it did not take, tried again or not.'),
    waiting: z.number().int().describe('What is to be sent, or to be tried again.'),
    failure: z.string().nullable().describe('Why the last try has failed; null where it has not.'),
  })
  .openapi('AlertReceiver');

export const alertsView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    alerts: z.array(alertView).describe('Each at each service that it is watched for, in the order of the mesh file.'),
    receivers: z.array(receiverView).describe('Whom they are told to, beside the terminal.'),
  })
  .openapi('Alerts');

export const evidenceView = z
  .object({
    alert: alertView.describe('As it was when it fired.'),
    firedAt: z.number().describe('Milliseconds since 1970.'),
    revision: revisionView.describe('The mesh file in force then.'),
    failing: z.array(exchangeView).describe('The newest that failed in the five minutes before, newest first.'),
    slowest: z.array(exchangeView).describe('The slowest of these five minutes, slowest first; without tunnels.'),
    lines: z
      .array(logLineView)
      .describe(
        'The newest that the service, and those it depends on, printed in the minute before; long ones are cut.',
      ),
    shapes: z
      .array(activeShapeView.extend({ service: z.string() }))
      .describe('What was said at run time of the traffic to any service.'),
    scenario: scenarioView.nullable().describe('The scenario that ran then; null where none did.'),
    service: serviceView.nullable().describe('All that was known of the service; null where it was gone.'),
    series: z
      .object({
        step: z.number().describe('Milliseconds.'),
        rows: z.array(
          z.object({
            at: z.number().describe('Milliseconds since 1970: its beginning.'),
            requestsPerSecond: z.number(),
            errorRate: z.number().describe('0–1.'),
            p50: z.number().nullable().describe('Milliseconds; null without requests.'),
            p95: z.number().nullable(),
            p99: z.number().nullable(),
          }),
        ),
      })
      .describe('The numbers of the service in the five minutes before, oldest first.'),
    file: z.string().nullable().describe('Where it is saved; null where it is not (yet), or cannot be.'),
  })
  .openapi('AlertEvidence');

export const alertDetailsView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    alerts: z.array(alertView).describe('At each service that it is watched for.'),
    evidence: evidenceView
      .nullable()
      .describe('Found when it fired last; null where it has not since the mesh started, or too much did since.'),
  })
  .openapi('AlertDetails');

export type AlertView = z.infer<typeof alertView>;
export type ReceiverView = z.infer<typeof receiverView>;
export type AlertsView = z.infer<typeof alertsView>;
export type EvidenceView = z.infer<typeof evidenceView>;
export type AlertDetailsView = z.infer<typeof alertDetailsView>;
