import { formatDuration } from '../../foundation/units.js';
import { duration, withDefault } from './values.js';

/** Milliseconds. */
export const stopTimeoutDefault = 10_000;

export const stopTimeout = withDefault(
  duration({ zero: 'allowed' }),
  'How long a process may take to end after SIGTERM until it is killed. Compose: stop_grace_period.',
  formatDuration(stopTimeoutDefault),
);
