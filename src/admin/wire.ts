import { z } from '@hono/zod-openapi';
import { registrationParts } from '../registry/registration.js';
import { schemaVersion } from './schema-version.js';
import { circuitView, ejectionView, trafficView } from './traffic-wire.js';

/** What the admin API says, as data: lowerCamel keys, durations in milliseconds, null for what is not there. */

export const metricsView = z
  .object({
    requestsPerSecond: z.number().describe('Finished requests per second, over the last 10 seconds.'),
    errorRate: z
      .number()
      .describe('Share (0–1) of them that ended in 5xx, a refusal of the mesh with 5xx, or a cut connection.'),
    p50: z
      .number()
      .nullable()
      .describe(
        'Half of them took at most this many milliseconds, to the last byte (tunnels, such as WebSockets, are not counted); null without requests.',
      ),
    p95: z.number().nullable().describe('95 % of them took at most this many milliseconds.'),
    p99: z.number().nullable().describe('99 % of them took at most this many milliseconds.'),
    inFlight: z.number().int().describe('Requests under way now.'),
  })
  .openapi('Metrics');

export const leaseView = z
  .object({
    ttl: z.number().describe('Milliseconds between one heartbeat and the end.'),
    remaining: z.number().describe('Milliseconds left.'),
  })
  .openapi('Lease');

export const instanceView = z
  .object({
    id: z.string(),
    address: z.string().describe('host:port'),
    source: z.enum(['file', 'process', 'registered']),
    health: z.enum(['healthy', 'unhealthy', 'unknown', 'draining', 'ejected']),
    healthReason: z.string().nullable().describe('Why it is not healthy, in a few words.'),
    weight: z.number(),
    version: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    lease: leaseView.nullable(),
    ejection: ejectionView.nullable().describe('While it is out of rotation for what it answered.'),
    circuit: circuitView.nullable().describe('Its own circuit breaker; null where it has none.'),
    served: z
      .number()
      .int()
      .describe(
        'Attempts that have reached it since it came: not those that were refused before anything was sent, nor copies.',
      ),
    active: z.number().int().describe('Attempts that it has in hand.'),
  })
  .openapi('Instance');

export const processView = z
  .object({
    replica: z.string().describe('web-1'),
    state: z.enum(['waiting', 'starting', 'ready', 'backing-off', 'stopping', 'exited', 'failed', 'stopped']),
    detail: z.string().describe('The state in words: what it waits for, how it ended, when it is started again.'),
    pid: z.number().int().nullable(),
    port: z.number().int().nullable(),
    restarts: z.number().int(),
    crashLooping: z.boolean(),
    lastOutput: z.array(z.string()).describe('The last lines it printed, when it is not well; else empty.'),
  })
  .openapi('Process');

export const routeView = z
  .object({
    host: z.string().describe('`shop.localhost`, `*.shop.localhost`, or `*` for any.'),
    path: z.string().describe('A prefix of the path.'),
    method: z.string().nullable().describe('null for any.'),
    headers: z.record(z.string(), z.string()).describe('Name → exact value.'),
    cookies: z.record(z.string(), z.string()).describe('Name → exact value.'),
    query: z.record(z.string(), z.string()).describe('Name → exact value.'),
    version: z.string().nullable().describe('The version that it leads to; null where the split decides.'),
    priority: z
      .enum(['high', 'normal', 'low'])
      .nullable()
      .describe('Who goes first; null where the route says nothing.'),
    rewrite: z.string().nullable().describe('What the prefix becomes; null where the path stays as it is.'),
  })
  .openapi('Route');

export const sloView = z
  .object({
    availability: z.number().describe('The share (0–1) of the requests that is to be answered well.'),
    window: z.number().describe('Milliseconds over which it is kept.'),
    remaining: z
      .number()
      .describe('Of what it leaves for errors: 1 is all of it, 0 nothing, and below that it is overspent.'),
    burnRate: z
      .number()
      .describe('How fast that is spent, over the last twelfth of the window: 1 spends exactly all of it.'),
  })
  .openapi('Slo');

export const serviceView = z
  .object({
    name: z.string(),
    url: z.string().nullable().describe('Its address on the gateway; null for a worker.'),
    listen: z.string().nullable().describe('Its own port on the gateway, as a URL; null when it has none.'),
    expose: z.boolean(),
    ready: z.boolean().describe('It can be called; a worker runs; a program that had work to do has ended well.'),
    routes: z.array(routeView).describe('What leads to it, beside its own name.'),
    instances: z.array(instanceView),
    processes: z.array(processView),
    traffic: trafficView,
    metrics: metricsView,
    slo: sloView.nullable().describe('The objective of the service; null where it has none.'),
    firing: z.array(z.string()).describe('The names of the alerts that fire for it.'),
  })
  .openapi('Service');

export const servicesView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    mesh: z.string(),
    services: z.array(serviceView),
  })
  .openapi('Services');

export const diagnosticView = z
  .object({
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    file: z.string().nullable(),
    line: z.number().int().nullable(),
    column: z.number().int().nullable(),
  })
  .openapi('Diagnostic');

export const revisionView = z
  .object({
    number: z.number().int().describe('1 is the mesh file that the mesh was started with; each one taken up adds 1.'),
    since: z.number().describe('Milliseconds since 1970: when it was taken up.'),
  })
  .openapi('Revision');

export const statusView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    mesh: z.string(),
    version: z.string().describe('Of the service-mesh package.'),
    pid: z.number().int(),
    file: z.string().nullable(),
    startedAt: z.number().describe('Milliseconds since 1970.'),
    gateway: z.string().describe('URL of the front door.'),
    admin: z.string().describe('URL of the admin API.'),
    ready: z.boolean().describe('Every service that the mesh runs is ready.'),
    waiting: z.array(z.string()).describe('Those that are not.'),
    stuck: z.array(z.string()).describe('Of these, the ones that will not become ready by waiting longer.'),
    notices: z
      .array(z.string())
      .describe('What a person should know of the start: a port that was taken, registrations that were set aside.'),
    revision: revisionView,
    rejected: z
      .array(diagnosticView)
      .describe('What is wrong with the mesh file as it is now; empty while it is the one that runs.'),
  })
  .openapi('Status');

export const eventView = z
  .object({
    type: z.enum([
      'instance-added',
      'instance-updated',
      'instance-removed',
      'health-changed',
      'circuit-changed',
      'panic-changed',
      'split-changed',
      'shape-changed',
      'scenario-step',
      'scenario-ended',
      'service-added',
      'service-removed',
      'process-state',
      'alert-firing',
      'alert-resolved',
      'reloaded',
      'reload-rejected',
      'alert-output',
      'warning',
    ]),
    tone: z
      .enum(['good', 'busy', 'bad', 'quiet'])
      .describe('How the news is meant: something is well, to be watched, wrong, or only so.'),
    at: z.number().describe('Milliseconds since 1970.'),
    service: z.string().nullable(),
    instance: z.string().nullable(),
    message: z.string().describe('One line for people.'),
  })
  .openapi('Event');

export const reloadView = z
  .object({
    outcome: z.enum(['applied', 'unchanged', 'rejected']),
    message: z.string().describe('What was added, changed and removed, in a line; or what is wrong.'),
    diagnostics: z.array(diagnosticView),
  })
  .openapi('Reload');

/** What is said of an instance at run time; the text forms are those of the mesh file. */
export const registrationBody = z
  .strictObject({
    address: z.string().max(300).describe('host:port where it listens, as the mesh reaches it.'),
    weight: registrationParts.weight.default(1).describe('Share of the traffic beside its siblings; 0 gets none.'),
    version: registrationParts.version.optional().describe('Version of the service that it runs.'),
    metadata: registrationParts.metadata.default({}).describe('Free text by name.'),
    ttl: z
      .string()
      .max(32)
      .optional()
      .describe(
        'Removed when no heartbeat came for that long, such as `30s`. Default: it stays until it is deregistered.',
      ),
  })
  .openapi('Registration');

export const errorView = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      hint: z.string(),
    }),
  })
  .openapi('Error');

export type MetricsView = z.infer<typeof metricsView>;
export type InstanceView = z.infer<typeof instanceView>;
export type RouteView = z.infer<typeof routeView>;
export type ProcessView = z.infer<typeof processView>;
export type SloView = z.infer<typeof sloView>;
export type ServiceView = z.infer<typeof serviceView>;
export type ServicesView = z.infer<typeof servicesView>;
export type DiagnosticView = z.infer<typeof diagnosticView>;
export type RevisionView = z.infer<typeof revisionView>;
export type StatusView = z.infer<typeof statusView>;
export type EventView = z.infer<typeof eventView>;
export type ReloadView = z.infer<typeof reloadView>;
export type RegistrationBody = z.input<typeof registrationBody>;
export type ErrorView = z.infer<typeof errorView>;
