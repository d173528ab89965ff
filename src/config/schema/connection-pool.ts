import { sectionOrOff } from './section.js';
import { integer, withDefault } from './values.js';

export const connectionPoolDefaults = { maxConnections: 1_024, maxPendingRequests: 1_024 } as const;

export const connectionPool = sectionOrOff({
  maxConnections: withDefault(
    integer(1, 1_000_000),
    'How many connections to all instances of the service there are at most; each carries one request at a time. Envoy: circuit_breakers.max_connections. Istio: connectionPool.tcp.maxConnections.',
    connectionPoolDefaults.maxConnections,
  ).optional(),
  maxPendingRequests: withDefault(
    integer(0, 1_000_000),
    'How many requests may wait for one of them; one more gets a 503 at once. Envoy: circuit_breakers.max_pending_requests. Istio: http1MaxPendingRequests.',
    connectionPoolDefaults.maxPendingRequests,
  ).optional(),
}).describe(
  'Limits the connections to the service. Default: none; Envoy’s limits hold always, here only where the key is given. `false` switches off what `defaults` say. Envoy: circuit_breakers. Istio: connectionPool.',
);
