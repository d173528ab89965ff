import { portNumber } from './values.js';

export const listen = portNumber().describe(
  'A port of its own on the gateway, beside its name on the front door: all that comes to it goes to this service. Default: none.',
);
