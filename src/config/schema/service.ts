import { allow } from './allow.js';
import { bandwidth } from './bandwidth.js';
import { circuitBreaker } from './circuit-breaker.js';
import { command } from './command.js';
import { concurrency } from './concurrency.js';
import { connectionPool } from './connection-pool.js';
import { dependsOn } from './depends-on.js';
import { directory } from './directory.js';
import { environment } from './environment.js';
import { expose } from './expose.js';
import { faults } from './faults.js';
import { healthCheck } from './health-check.js';
import { instances, version } from './instances.js';
import { listen } from './listen.js';
import { loadBalancer } from './load-balancer.js';
import { mirror } from './mirror.js';
import { outlierDetection } from './outlier-detection.js';
import { port } from './port.js';
import { rateLimit } from './rate-limit.js';
import { replicas } from './replicas.js';
import { restart } from './restart.js';
import { retries } from './retries.js';
import { routes } from './routes.js';
import { section } from './section.js';
import { slo } from './slo.js';
import { split } from './split.js';
import { stopTimeout } from './stop-timeout.js';
import { timeouts } from './timeouts.js';
import { watch } from './watch.js';

/** A service of the mesh file. A new key is a file beside this one, and a line here. */
export const service = section({
  command: command.optional(),
  directory: directory.optional(),
  environment: environment.optional(),
  replicas: replicas.optional(),
  port: port.optional(),
  version: version()
    .describe(
      'The version of the processes that the mesh runs, and of instances that name none. Istio: the label version.',
    )
    .optional(),
  dependsOn: dependsOn.optional(),
  restart: restart.optional(),
  stopTimeout: stopTimeout.optional(),
  watch: watch.optional(),
  expose: expose.optional(),
  listen: listen.optional(),
  routes: routes.optional(),
  instances: instances.optional(),
  healthCheck: healthCheck
    .describe(
      'How the mesh finds out whether an instance can serve: `{ path: /healthz }` asks by HTTP, `{ tcp: true }` opens a connection, `{ command: … }` runs a command. Unhealthy instances get no traffic. Default: none, and every instance is trusted. `false` switches off what `defaults` say. Envoy: health_checks.',
    )
    .optional(),
  allow: allow.optional(),
  loadBalancer: loadBalancer.optional(),
  split: split.optional(),
  mirror: mirror.optional(),
  timeouts: timeouts.describe('How long requests to the service may take.').optional(),
  retries: retries.optional(),
  connectionPool: connectionPool.optional(),
  circuitBreaker: circuitBreaker.optional(),
  outlierDetection: outlierDetection.optional(),
  rateLimit: rateLimit.optional(),
  concurrency: concurrency.optional(),
  bandwidth: bandwidth.optional(),
  faults: faults.optional(),
  slo: slo.optional(),
});
