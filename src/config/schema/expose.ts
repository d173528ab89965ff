import { flag, withDefault } from './values.js';

export const exposeDefault = true;

export const expose = withDefault(
  flag(),
  'Whether the service can be called. `false` is a worker: a process that calls others, and has no port, instances, routes or health check.',
  exposeDefault,
);
