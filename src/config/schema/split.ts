import { z } from 'zod';
import { versionExpected, versionPattern } from '../../foundation/names.js';
import { plain } from '../scalar.js';
import { hashKey } from './hash-key.js';
import { dictionary, isMapping, section } from './section.js';
import { portion } from './shares.js';
import { expect } from './values.js';

const portions = dictionary(
  { pattern: versionPattern, expected: versionExpected },
  portion().describe('A percentage, or a weight beside the others.'),
);

const mapping = section({
  versions: portions.describe(
    'Version → its percentage, or its weight beside the others. Percentages sum to 100 %. A version without an instance is no mistake: it may be registered later.',
  ),
  by: hashKey()
    .describe(
      'Requests with the same value of this go to the same version. Default: each is dealt out by itself. Envoy: use_hash_policy of weighted clusters.',
    )
    .optional(),
});

export type SplitFile = z.output<typeof mapping>;

export const split = z
  .union(
    [
      where(
        (value) => !isLong(value),
        portions.transform((versions): SplitFile => ({ versions })),
      ),
      where(isLong, mapping),
    ],
    { error: expect('versions and their shares, such as `{ v1: 90%, v2: 10% }`') },
  )
  .describe(
    'How requests are dealt out among versions: `{ v1: 90%, v2: 10% }`, weights such as `{ v1: 9, v2: 1 }`, or a mapping with `versions` and `by`. Default: none, and instances of every version are alike. Gateway API: weight of backendRefs. Istio: weight of routes.',
  );

/** A share is a single value: where there is a mapping, it stands behind `versions` or `by`. */
function isLong(value: unknown): boolean {
  const given = plain(value);
  return isMapping(given) && Object.values(given).some(isMapping);
}

/** Both forms are mappings: the one that was not meant is as wrong as a text would be. */
function where<Schema extends z.ZodType>(isMeant: (value: unknown) => boolean, schema: Schema) {
  return z.preprocess((value: z.input<Schema>, context) => {
    if (!isMeant(value)) context.addIssue({ code: 'invalid_type', expected: 'object', input: value });
    return value;
  }, schema);
}
