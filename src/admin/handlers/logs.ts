import { setImmediate as turn } from 'node:timers/promises';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import type { OutputReader } from '../../supervisor/output.js';
import { keptLines, parseSince, sinceExpected } from '../../supervisor/output.js';
import type { Control } from '../control.js';
import { followedOutput } from '../followed-output.js';
import type { LogSkipView } from '../logs-wire.js';
import { logsView } from '../logs-wire.js';
import { schemaVersion } from '../schema-version.js';
import type { EventStreams } from '../stream.js';
import { errors } from './answers.js';

/** What the services print. */
export function addLogRoutes(app: OpenAPIHono, control: Control, streams: EventStreams): void {
  app.openapi(logs, ({ req, body }) => {
    const { service, tail, since, trace, traceIds, follow } = req.valid('query');
    const reader = control.readOutput(service, { tail, since, trace, traceIds });
    if (follow !== 'true') return new Response(inParts(documentOf(reader)), { headers: documentFields });
    const isRead = req.method !== 'HEAD'; // hono answers HEAD by GET, and would leave the stream unread
    return isRead
      ? streams.follow(followedOutput(reader, control))
      : body(null, 200, { 'content-type': 'text/event-stream' });
  });
}

const documentFields = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/** Characters in a part of the document: to make one takes less than a millisecond. */
const partCharacters = 64 * 1_024;

/** All that is kept, as one document. */
function* documentOf(reader: OutputReader): Generator<string> {
  const skipped: LogSkipView[] = [];
  let part = `{"schemaVersion":${schemaVersion},"lines":[`;
  let separator = '';
  for (let step = reader.next(); step !== undefined && step.kind !== 'live'; step = reader.next()) {
    if (step.kind === 'skipped') {
      skipped.push({ service: step.service, count: step.count });
      continue;
    }
    if (step.kind === 'line') {
      part += separator + JSON.stringify({ ...step.line, traceId: step.traceId });
      separator = ',';
      if (part.length < partCharacters) continue;
    }
    yield part;
    part = '';
  }
  yield `${part}],"skipped":${JSON.stringify(skipped)}}`;
}

/** Each part in a turn of its own, made when it is read: 5,000 lines of many services in one go would hold up the gateway. */
function inParts(parts: Generator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let part = '';
        while (part === '') {
          await turn();
          const { done, value } = parts.next();
          if (done) return controller.close();
          part = value;
        }
        controller.enqueue(encoder.encode(part));
      },
    },
    { highWaterMark: 0 },
  );
}

const query = z.object({
  service: z
    .union([z.string().transform((name) => [name]), z.array(z.string())])
    .default([])
    .describe('A service, or one of its processes (`orders-2`); may be given several times. Default: all.'),
  tail: z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .transform(Number)
    .optional()
    .describe(`The newest so many lines of each service. Default: all that are kept, at most ${keptLines}.`),
  since: z
    .string()
    .transform((text, context) => {
      const since = parseSince(text);
      if (since === undefined) context.addIssue({ code: 'custom', message: `expected ${sinceExpected}` });
      return since;
    })
    .optional()
    .describe(`Only lines from then on: ${sinceExpected}.`),
  trace: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe(
      'The id of an exchange (`x-request-id`) or of a trace: only lines that contain it, or that of another exchange of the trace.',
    ),
  traceIds: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe('true: each line has the `traceId` that it names, or null.'),
  follow: z
    .enum(['true', 'false'])
    .optional()
    .describe('true: what is kept, and then every line as it comes, as server-sent events until the mesh ends.'),
});

const logs = createRoute({
  operationId: 'getLogs',
  method: 'get',
  path: '/v1/logs',
  summary: 'What the services print: what is kept of it, as one document, or all that follows, too, as a stream.',
  request: { query },
  responses: {
    200: {
      description: 'The lines. With `follow=true` server-sent events: `data` is a LogEvent.',
      content: { 'application/json': { schema: logsView }, 'text/event-stream': { schema: z.string() } },
    },
    ...errors('unknown_service', 'invalid_request'),
  },
});
