import { formatDuration } from '../../foundation/units.js';
import { section } from './section.js';
import { duration, withDefault } from './values.js';

/** Milliseconds. */
export const timeoutsDefaults = { request: 15_000, connect: 1_000 } as const;

export const timeouts = section({
  request: withDefault(
    duration({ zero: 'allowed' }),
    'How long the service may take from the last byte of the request to the head of its response, over all attempts; then the caller gets a 504. 0 is without limit. Envoy: route timeout.',
    formatDuration(timeoutsDefaults.request),
  ).optional(),
  connect: withDefault(
    duration({ zero: 'refused' }),
    'How long an instance may take to accept a connection. Envoy: connect_timeout.',
    formatDuration(timeoutsDefaults.connect),
  ).optional(),
});
