import { z } from '@hono/zod-openapi';
import { schemaVersion } from './schema-version.js';

/** Who calls whom, as data. */

export const edgeView = z
  .object({
    caller: z
      .string()
      .nullable()
      .describe('The service that calls; null where the mesh does not know it; `other` where there were too many.'),
    service: z.string().describe('The service that is called.'),
    requestsPerSecond: z.number(),
    errorRate: z.number().describe('0–1.'),
    p50: z.number().nullable().describe('Milliseconds; null where nothing was measured.'),
    p95: z.number().nullable(),
    p99: z.number().nullable(),
  })
  .openapi('Edge');

export const graphView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    mesh: z.string(),
    seconds: z.number().int().describe('How far back the numbers reach, at least: they are kept in steps of ten.'),
    services: z.array(z.string()).describe('All of them, whether somebody calls them or not.'),
    edges: z.array(edgeView).describe('Where there was traffic: that of unknown callers first, then by caller.'),
  })
  .openapi('Graph');

export type EdgeView = z.infer<typeof edgeView>;
export type GraphView = z.infer<typeof graphView>;
