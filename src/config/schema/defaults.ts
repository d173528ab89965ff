import { bandwidth } from './bandwidth.js';
import { circuitBreaker } from './circuit-breaker.js';
import { concurrency } from './concurrency.js';
import { connectionPool } from './connection-pool.js';
import { environment } from './environment.js';
import { healthCheck } from './health-check.js';
import { loadBalancer } from './load-balancer.js';
import { outlierDetection } from './outlier-detection.js';
import { rateLimit } from './rate-limit.js';
import { restart } from './restart.js';
import { retries } from './retries.js';
import { section } from './section.js';
import { slo } from './slo.js';
import { stopTimeout } from './stop-timeout.js';
import { timeouts } from './timeouts.js';

/** The keys of a service that can stand under every service. */
export const defaults = section({
  environment: environment.optional(),
  restart: restart.optional(),
  stopTimeout: stopTimeout.optional(),
  healthCheck: healthCheck
    .describe(
      'How instances are checked. Without `path`, `tcp` or `command` it only fills in the health checks that services name themselves; workers have none.',
    )
    .optional(),
  loadBalancer: loadBalancer.optional(),
  timeouts: timeouts.describe('How long requests may take.').optional(),
  retries: retries.optional(),
  connectionPool: connectionPool.optional(),
  circuitBreaker: circuitBreaker.optional(),
  outlierDetection: outlierDetection.optional(),
  rateLimit: rateLimit.optional(),
  concurrency: concurrency.optional(),
  bandwidth: bandwidth.optional(),
  slo: slo.optional(),
});
