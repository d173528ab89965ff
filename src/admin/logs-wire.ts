import { z } from '@hono/zod-openapi';
import { schemaVersion } from './schema-version.js';

/** What the services print, as data. */

export const logLineView = z
  .object({
    service: z.string(),
    replica: z.string().describe('The process that printed it: `web-1`.'),
    stream: z.enum(['stdout', 'stderr', 'mesh']).describe('mesh: what the mesh itself says of the process.'),
    text: z.string().describe('As it was printed, colours and controls included, without its line end.'),
    at: z.number().describe('Milliseconds since 1970.'),
    traceId: z
      .string()
      .nullable()
      .optional()
      .describe('Of the trace that the line names; null: of none. Only where `traceIds=true` asks for it.'),
  })
  .openapi('LogLine');

const skippedView = z.object({
  service: z.string(),
  count: z.number().int().describe('Lines of the service that the mesh kept no longer when the reader came to them.'),
});

export const logsView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    lines: z.array(logLineView).describe('In the order in which they were printed.'),
    skipped: z.array(skippedView).describe('What was gone before it was read: empty, unless services print very fast.'),
  })
  .openapi('Logs');

/** `data` of one server-sent event; the event has the name of its type. */
export const logEventView = z
  .discriminatedUnion('type', [
    logLineView.extend({ type: z.literal('line') }),
    skippedView.extend({ type: z.literal('skipped') }).describe('The reader was too slow.'),
    z.object({ type: z.literal('live') }).describe('All that was kept has been told; what follows is new.'),
    z.object({ type: z.literal('end') }).describe('The mesh ends, and nothing more comes.'),
  ])
  .openapi('LogEvent');

export type LogLineView = z.infer<typeof logLineView>;
export type LogSkipView = z.infer<typeof skippedView>;
export type LogEventView = z.infer<typeof logEventView>;

/** What is asked for, as the query says it. */
export interface LogsQuery {
  /** Services and replicas; none: all. */
  readonly services: readonly string[];
  /** The newest so many lines of each service. */
  readonly tail?: number | undefined;
  /** A duration or an RFC 3339 time. */
  readonly since?: string | undefined;
  /** The id of an exchange or a trace: only lines that name it. */
  readonly trace?: string | undefined;
  /** Which trace each line names is looked up. */
  readonly traceIds?: boolean | undefined;
}
