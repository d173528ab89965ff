import { healthCheck } from './health-check.js';
import { instances, version } from './instances.js';
import * as process from './process.js';
import { routes } from './routes.js';
import { section } from './section.js';
import { timeouts } from './timeouts.js';
import { flag, portNumber } from './values.js';

export const serviceDefaults = { expose: true } as const;

export const service = section({
  command: process.command.optional(),
  directory: process.directory.optional(),
  environment: process.environment.optional(),
  replicas: process.replicas.optional(),
  port: portNumber()
    .describe(
      'The port of instances that name none, and for a command the fixed port on which its one process listens. Default: a free port for each process.',
    )
    .optional(),
  version: version()
    .describe(
      'The version of the processes that the mesh runs, and of instances that name none. Istio: the label version.',
    )
    .optional(),
  dependsOn: process.dependsOn.optional(),
  restart: process.restart.optional(),
  stopTimeout: process.stopTimeout.optional(),
  watch: process.watch.optional(),
  expose: flag()
    .meta({
      description:
        'Whether the service can be called. `false` is a worker: a process that calls others, and has no port, instances, routes or health check. Default true.',
      default: serviceDefaults.expose,
    })
    .optional(),
  listen: portNumber()
    .describe(
      'A port of its own on the gateway, beside its name on the front door: all that comes to it goes to this service. Default: none.',
    )
    .optional(),
  routes: routes.optional(),
  instances: instances.optional(),
  healthCheck: healthCheck
    .describe(
      'How the mesh finds out whether an instance can serve: `{ path: /healthz }` asks by HTTP, `{ tcp: true }` opens a connection. Unhealthy instances get no traffic. Default: none, and every instance is trusted. Envoy: health_checks.',
    )
    .optional(),
  timeouts: timeouts.describe('How long requests to the service may take.').optional(),
});
