import { formatDuration } from '../../foundation/units.js';
import { section } from './section.js';
import { duration, withDefault } from './values.js';

/** Milliseconds. */
export const timeoutsDefaults = { request: 15_000, perTry: 0, connect: 1_000, idle: 0 } as const;

export const timeouts = section({
  request: withDefault(
    duration({ zero: 'allowed' }),
    'How long the service may take from the last byte of the request to the head of its response, over all attempts; then the caller gets a 504. 0 is without limit. Envoy: route timeout. Gateway API: timeouts.request.',
    formatDuration(timeoutsDefaults.request),
  ).optional(),
  perTry: withDefault(
    duration({ zero: 'allowed' }),
    'The same for each attempt; then the next one begins, where `retries` allow it. 0 is without limit. Envoy: per_try_timeout. Gateway API: timeouts.backendRequest.',
    formatDuration(timeoutsDefaults.perTry),
  ).optional(),
  connect: withDefault(
    duration({ zero: 'refused' }),
    'How long an instance may take to accept a connection. Envoy: connect_timeout.',
    formatDuration(timeoutsDefaults.connect),
  ).optional(),
  idle: withDefault(
    duration({ zero: 'allowed' }),
    'How long a response that has begun, or an upgraded connection, may go without a byte in either direction. 0 is without limit. Envoy has 5 minutes; on a developer’s machine a stream may stand at a breakpoint for longer. Envoy: stream_idle_timeout.',
    formatDuration(timeoutsDefaults.idle),
  ).optional(),
});
