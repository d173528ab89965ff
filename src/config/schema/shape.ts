import type { z } from 'zod';
import { bandwidthAlone } from './bandwidth.js';
import { concurrencyAlone } from './concurrency.js';
import { faults } from './faults.js';
import { rateLimitAlone } from './rate-limit.js';
import { section } from './section.js';
import { contradiction } from './values.js';

/** What can be said of a service while the mesh runs: each key that is there stands in place of the mesh file's. */
export const shapeKeys = {
  rateLimit: rateLimitAlone.optional(),
  concurrency: concurrencyAlone.optional(),
  bandwidth: bandwidthAlone.optional(),
  faults: faults.optional(),
};

export const shapeKeyNames = ['rateLimit', 'concurrency', 'bandwidth', 'faults'] as const;

/** A shape that is said at run time: by the admin API, and by `mesh shape`. */
export const shape = section(shapeKeys).superRefine((value, context) => {
  if (shapeKeyNames.some((key) => value[key] !== undefined)) return;
  context.addIssue(contradiction('one of `rateLimit`, `concurrency`, `bandwidth`, `faults` is needed here'));
});

export type ShapeFile = z.output<typeof shape>;
