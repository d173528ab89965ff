import { z } from '@hono/zod-openapi';
import { edgeView } from './graph-wire.js';
import { schemaVersion } from './schema-version.js';
import { trafficView } from './traffic-wire.js';
import { instanceView, metricsView, processView, serviceView } from './wire.js';

/** What a screen shows that is looked at all day: every service in one answer, as data. */

export const trendView = z
  .object({
    until: z.number().describe('Milliseconds since 1970: the end of the newest second.'),
    requests: z.array(z.number().int()).describe('That ended in each second.'),
    errors: z.array(z.number().int()).describe('Of these, as in `errorRate`.'),
    p99: z.array(z.number().nullable()).describe('Milliseconds; null in a second without requests.'),
  })
  .openapi('Trend');

const attempts = metricsView.omit({ inFlight: true });

export const overviewServiceView = serviceView
  .pick({ name: true, url: true, expose: true, ready: true, slo: true, firing: true })
  .extend({
    metrics: metricsView.extend({
      retriesPerSecond: z.number().describe('Attempts behind the first, per second, over the last 10 seconds.'),
      queued: z.number().int().describe('Requests that wait now: for a rate limit, a place or a connection.'),
    }),
    trend: trendView.describe('The last seconds one by one, oldest first; fewer where the service is younger.'),
    instances: z.array(
      instanceView.extend({
        metrics: attempts
          .nullable()
          .describe(
            'Of the attempts at it, to the head of the answer, over the last 10 to 20 seconds; null before the first.',
          ),
      }),
    ),
    processes: z.array(processView.omit({ lastOutput: true })),
    callers: z.array(edgeView).describe('Who has called it in the last 10 to 20 seconds.'),
    traffic: trafficView.omit({ mirror: true }),
  })
  .openapi('OverviewService');

export const overviewView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    mesh: z.string(),
    at: z.number().describe('Milliseconds since 1970.'),
    startedAt: z.number().describe('Milliseconds since 1970.'),
    rejected: z.boolean().describe('The mesh file has mistakes, and an earlier one is in force.'),
    scenario: z
      .object({
        name: z.string(),
        since: z.number().describe('Milliseconds since 1970.'),
        done: z.number().int().describe('Steps that have been taken.'),
        steps: z.number().int(),
      })
      .nullable()
      .describe('The one that runs.'),
    services: z.array(overviewServiceView),
  })
  .openapi('Overview');

export type TrendView = z.infer<typeof trendView>;
export type OverviewServiceView = z.infer<typeof overviewServiceView>;
export type OverviewView = z.infer<typeof overviewView>;
