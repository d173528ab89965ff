import type { PolicyConfigs } from '../../src/config/policy-configs.js';
import type { RouteConfig } from '../../src/config/snapshot.js';

/** What a service has for which the mesh file says nothing. */
export const plainPolicies: PolicyConfigs = {
  allow: undefined,
  loadBalancer: { policy: { kind: 'round-robin' }, slowStart: 0, stickyCookie: undefined, healthyPanicThreshold: 0 },
  split: undefined,
  mirror: undefined,
  timeouts: { request: 15_000, perTry: 0, connect: 1_000, idle: 0 },
  retries: undefined,
  connectionPool: undefined,
  circuitBreaker: undefined,
  outlierDetection: undefined,
  rateLimit: undefined,
  concurrency: undefined,
  bandwidth: undefined,
  faults: [],
};

/** A route that matches every request. */
export const routeToAll: RouteConfig = {
  host: { kind: 'any' },
  path: '/',
  method: undefined,
  headers: {},
  cookies: {},
  query: {},
  rewrite: undefined,
  version: undefined,
  priority: undefined,
};
