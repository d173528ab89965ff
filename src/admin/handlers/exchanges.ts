import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import { parseStatuses, statusesExpected } from '../../foundation/statuses.js';
import { parseDuration } from '../../foundation/units.js';
import type { Control } from '../control.js';
import { exchangeStoryView, exchangesView } from '../exchanges-wire.js';
import type { EventStreams } from '../stream.js';
import { errors, json } from './answers.js';

/** What became of requests. */
export function addExchangeRoutes(app: OpenAPIHono, control: Control, streams: EventStreams): void {
  app.openapi(list, ({ req, json, body }) => {
    const { after, follow, service, status: statuses, path, slow = 0 } = req.valid('query');
    const wish = { service, statuses, path, slow };
    if (follow !== 'true') return json(control.exchanges(after, wish), 200);
    const isRead = req.method !== 'HEAD'; // hono answers HEAD by GET, and would leave the stream unread
    const followed = control.followExchanges(wish);
    return isRead ? streams.follow(followed) : body(null, 200, { 'content-type': 'text/event-stream' });
  });
  app.openapi(show, (context) => context.json(control.exchange(context.req.valid('param').id), 200));
}

const query = z.object({
  after: z.coerce.number().int().min(0).default(0).describe('Only those that ended after the one of this sequence.'),
  service: z.string().min(1).optional().describe('Only those for this service.'),
  status: z
    .string()
    .transform((text, context) => {
      const statuses = parseStatuses(text);
      if (statuses === undefined) context.addIssue({ code: 'custom', message: `expected ${statusesExpected}` });
      return statuses;
    })
    .optional()
    .describe(`Only those that were answered so, by the service or by the mesh: ${statusesExpected}.`),
  path: z.string().default('').describe('Only those whose path and query begin so.'),
  slow: z
    .string()
    .transform((text, context) => {
      const duration = parseDuration(text);
      if (duration === undefined) context.addIssue({ code: 'custom', message: 'expected 200ms or 1.5s' });
      return duration;
    })
    .optional()
    .describe('Only those that took so long, or longer: 200ms, 1.5s.'),
  follow: z
    .enum(['true', 'false'])
    .optional()
    .describe(
      'true: every one that ends from now on, as server-sent events until the mesh ends; `after` says nothing.',
    ),
});

const list = createRoute({
  operationId: 'listExchanges',
  method: 'get',
  path: '/v1/exchanges',
  summary:
    'The last exchanges: a thousand of each service are remembered, and beside them 200 that failed or were slow (`telemetry.traces.slow`). Or all that end from now on, as a stream.',
  request: { query },
  responses: {
    200: {
      description: 'The exchanges. With `follow=true` server-sent events: `data` is an ExchangeEvent.',
      content: { 'application/json': { schema: exchangesView }, 'text/event-stream': { schema: z.string() } },
    },
    ...errors('unknown_service', 'invalid_request'),
  },
});

const show = createRoute({
  operationId: 'getExchange',
  method: 'get',
  path: '/v1/exchanges/{id}',
  summary: 'The story of one exchange, by its id (`x-request-id`) or that of its trace.',
  request: {
    params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' }, description: 'The id.' }) }),
  },
  responses: {
    200: json(exchangeStoryView, 'The newest of that id.'),
    ...errors('unknown_exchange', 'invalid_request'),
  },
});
