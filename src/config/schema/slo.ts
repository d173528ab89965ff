import { z } from 'zod';
import { formatDuration } from '../../foundation/units.js';
import { section } from './section.js';
import { percentage } from './shares.js';
import { contradiction, duration, expect, onlyFalse, withDefault } from './values.js';

export const sloDefaults = {
  /** Milliseconds. */
  window: 3_600_000,
} as const;

/** Milliseconds: it is kept in sixty parts, and what happens is counted once a second. */
const shortestWindow = 60_000;

const mapping = section({
  availability: percentage().describe(
    'The share of the requests that must be answered without a 5xx, a refusal of the mesh with 5xx, or a cut connection: `99.9%`. Needed.',
  ),
  window: withDefault(
    duration({ zero: 'refused' }),
    'The time over which it is kept, at least 1m. The mesh counts from its own start: what was before is not known.',
    formatDuration(sloDefaults.window),
  ).optional(),
}).superRefine(({ availability: share, window = sloDefaults.window }, context) => {
  checkAvailability(share, context, ['availability']);
  if (window < shortestWindow) {
    context.addIssue(
      contradiction(`a \`window\` of less than ${formatDuration(shortestWindow)} is no promise`, ['window']),
    );
  }
});

export type SloFile = z.output<typeof mapping>;

const short = percentage()
  .superRefine((share, context) => checkAvailability(share, context, []))
  .transform((share): SloFile => ({ availability: share }));

function checkAvailability(share: number, context: z.core.$RefinementCtx<unknown>, path: readonly string[]): void {
  if (share === 1) context.addIssue(contradiction('100% leaves no error that could be spent', path));
  if (share === 0) context.addIssue(contradiction('0% promises nothing', path));
}

export const slo = z
  .union([onlyFalse(), short, mapping], {
    error: expect('a percentage such as `99.9%`, a mapping with `availability`, or `false`'),
  })
  .describe(
    'A service level objective: the share of the requests that is answered well. What it leaves for errors is a budget; `mesh ls` shows how much of it is left, and alerts can watch `budget` and `burn_rate`. A percentage, or a mapping. Default: none. `false` switches off what `defaults` say. OpenSLO: objectives.',
  );
