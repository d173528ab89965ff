import { integer } from './values.js';

/** 32 bits, as the generator has. */
const largestSeed = 4_294_967_295;

export const seed = integer(0, largestSeed).describe(
  'Makes the chance in `faults` repeatable, request by request: with the same seed the same requests meet the same trouble. A whole number from 0 to 4294967295. Default: another one at each start. Envoy, Istio and Toxiproxy have none.',
);
