import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fields, host, paths, prefix } from '../lib/contract.mjs';

const program = new URL('../../bin/mesh.js', import.meta.url).pathname;

/** `mesh up` in front of a plain service, found by its host name. */
export function mesh({ folder, port, upstream }) {
  return up(folder, port, { shop: { instances: [`127.0.0.1:${upstream}`] } });
}

/**
 * The same with all that a service can be configured with, but for a mirror, which sends each request twice.
 * A new key of a service belongs in here.
 */
export function meshAll({ folder, port, upstream }) {
  const route = { host, path: prefix, rewrite: '/', headers: { 'x-bench': fields['x-bench'] } };
  return up(folder, port, {
    everything: {
      version: 'v1',
      instances: [{ address: `127.0.0.1:${upstream}`, weight: 2, version: 'v2', metadata: { zone: 'a' } }],
      healthCheck: { path: paths.health, interval: '2s' },
      timeouts: { request: '10s', perTry: '5s', connect: '500ms', idle: '1m' },
      allow: ['anonymous'],
      loadBalancer: { policy: 'peak-ewma', slowStart: '10s', stickyCookie: 'bench', healthyPanicThreshold: '50%' },
      split: { versions: { v1: '10%', v2: '90%' }, by: { cookie: 'user' } },
      retries: { attempts: 2, on: ['5xx', 'reset', 429], methods: ['GET', 'POST'] },
      connectionPool: { maxConnections: 1_000, maxPendingRequests: 1_000 },
      circuitBreaker: { failureRate: '50%', consecutiveFailures: 5 },
      outlierDetection: { consecutiveGatewayFailure: 5 },
      rateLimit: { rate: '1000000/s', burst: 100_000, by: 'client' },
      concurrency: { limit: 10_000, priority: { header: 'x-priority' } },
      bandwidth: { up: '10GiB/s', down: '10GiB/s' },
      faults: [{ delay: '1s', match: { path: '/never' } }],
      routes: [
        { ...route, method: 'GET', to: { version: 'v2' } },
        { ...route, method: 'POST', to: { version: 'v2' } },
        { path: '/other' },
        { host: `*.${host}` },
      ],
    },
  });
}

/** A mesh file may be JSON. */
function up(folder, port, services) {
  const file = join(folder, 'mesh.yaml');
  writeFileSync(file, JSON.stringify({ name: 'bench', gateway: { port }, admin: { port: 0 }, services }));
  return { args: [program, 'up', '--file', file] };
}
