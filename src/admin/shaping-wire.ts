import { z } from '@hono/zod-openapi';
import { longestDelay } from '../foundation/clock.js';
import { formatDuration, parseDuration } from '../foundation/units.js';
import { schemaVersion } from './schema-version.js';

/** How the traffic to a service is shaped, as data. */

const inWords = (what: string) =>
  z.array(z.string()).describe(`${what}, in a few words each: \`delay 200ms for 10%\`.`);

export const activeShapeView = z
  .object({
    shape: z.record(z.string(), z.unknown()).describe('As the mesh file would say it.'),
    words: inWords('What it does'),
    by: z.string().describe('Who said it.'),
    since: z.number().describe('Milliseconds since 1970.'),
    until: z.number().nullable().describe('Milliseconds since 1970: then it ends by itself; null: when it is cleared.'),
  })
  .openapi('ActiveShape');

export const shapingView = z
  .object({
    rateLimit: z
      .object({
        words: z.string(),
        waiting: z.number().int().describe('Requests that wait for their turn.'),
        passed: z.number().int().describe('Of the last ten seconds: at once.'),
        delayed: z.number().int().describe('Of the last ten seconds: had to wait.'),
        refused: z.number().int().describe('Of the last ten seconds.'),
      })
      .nullable()
      .describe('null where requests may come at any rate.'),
    concurrency: z
      .object({
        words: z.string(),
        limit: z.number().int().describe('In force; an adaptive one moves.'),
        underWay: z.number().int(),
        waiting: z.number().int().describe('Requests that wait for a place.'),
        refused: z.number().int().describe('Of the last ten seconds.'),
      })
      .nullable()
      .describe('null where any number may be under way.'),
    bandwidth: z.string().nullable().describe('In words; null where it is not limited.'),
    faults: z
      .array(z.object({ words: z.string(), met: z.number().int().describe('Attempts that have met it.') }))
      .describe('In their order.'),
    seed: z.number().int().describe('Of the chance in faults: `seed` of the mesh file, or drawn at the start.'),
    active: activeShapeView.nullable().describe('What was said at run time; null where the mesh file alone holds.'),
  })
  .openapi('Shaping');

/** The keys of a shape are those of a service in the mesh file, with the same values. */
export const shapeBody = z
  .strictObject({
    rateLimit: z.unknown().optional().describe('`rateLimit` of a service in the mesh file.'),
    concurrency: z.unknown().optional().describe('`concurrency` of a service in the mesh file.'),
    bandwidth: z.unknown().optional().describe('`bandwidth` of a service in the mesh file.'),
    faults: z.unknown().optional().describe('`faults` of a service in the mesh file.'),
    for: z
      .string()
      .refine(
        (text) => {
          const milliseconds = parseDuration(text) ?? 0;
          return milliseconds > 0 && milliseconds <= longestDelay;
        },
        `expected a duration such as 30s, of at most ${formatDuration(longestDelay)}`,
      )
      .optional()
      .describe('It ends by itself after that time. Default: it lasts until it is cleared or the mesh stops.'),
    by: z.string().min(1).max(80).optional().describe('Who says it, for those who wonder. Default: the admin API.'),
  })
  .openapi('ShapeRequest');

const scenarioStepView = z.object({
  at: z.number().describe('Milliseconds from the beginning.'),
  words: inWords('What happens'),
});

export const scenarioView = z
  .object({
    name: z.string(),
    steps: z.array(scenarioStepView).describe('In the order of their times.'),
    run: z
      .object({
        since: z.number().describe('Milliseconds since 1970.'),
        done: z.number().int().describe('Steps that have been taken.'),
        state: z.enum(['running', 'ended', 'stopped']),
      })
      .nullable()
      .describe('The latest run of it; null when there was none.'),
  })
  .openapi('Scenario');

export const scenariosView = z
  .object({ schemaVersion: z.literal(schemaVersion), scenarios: z.array(scenarioView) })
  .openapi('Scenarios');

export type ActiveShapeView = z.infer<typeof activeShapeView>;
export type ShapingView = z.infer<typeof shapingView>;
export type ShapeBody = z.input<typeof shapeBody>;
export type ScenarioView = z.infer<typeof scenarioView>;
export type ScenariosView = z.infer<typeof scenariosView>;
