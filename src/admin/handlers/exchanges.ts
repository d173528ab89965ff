import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import type { Control } from '../control.js';
import { exchangeStoryView, exchangesView } from '../exchanges-wire.js';
import { errors, json } from './answers.js';

/** What became of requests. */
export function addExchangeRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(list, (context) => {
    const { after, service } = context.req.valid('query');
    return context.json(control.exchanges(after, service), 200);
  });
  app.openapi(show, (context) => context.json(control.exchange(context.req.valid('param').id), 200));
}

const list = createRoute({
  operationId: 'listExchanges',
  method: 'get',
  path: '/v1/exchanges',
  summary:
    'The last exchanges: a thousand of each service are remembered, and beside them 200 that failed or were slow (`telemetry.traces.slow`).',
  request: {
    query: z.object({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .describe('Only those that ended after the one of this sequence.'),
      service: z.string().optional().describe('Only those for this service.'),
    }),
  },
  responses: { 200: json(exchangesView, 'The exchanges.'), ...errors('invalid_request') },
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
