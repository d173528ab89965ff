import { portNumber } from './values.js';

export const port = portNumber().describe(
  'The port of instances that name none, and for a command the fixed port on which its one process listens. Default: a free port for each process.',
);
