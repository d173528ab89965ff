import { section } from './section.js';
import { duration } from './values.js';

/** Milliseconds. */
export const timeoutsDefaults = { request: 15_000, connect: 1_000 } as const;

export const timeouts = section({
  request: duration({ zero: 'allowed' })
    .meta({
      description:
        'How long the service may take from the last byte of the request to the head of its response, over all attempts; then the caller gets a 504. 0 is without limit. Envoy: route timeout. Default 15s.',
      default: '15s',
    })
    .optional(),
  connect: duration({ zero: 'refused' })
    .meta({
      description: 'How long an instance may take to accept a connection. Envoy: connect_timeout. Default 1s.',
      default: '1s',
    })
    .optional(),
});
