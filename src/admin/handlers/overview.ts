import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import type { Control } from '../control.js';
import { overviewView } from '../overview-wire.js';
import { trendSeconds } from '../trend-seconds.js';
import { errors, json } from './answers.js';

/** All that `mesh top` shows, in one answer. */
export function addOverviewRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(show, async (context) => context.json(await control.overview(context.req.valid('query').seconds), 200));
}

const query = z.object({
  seconds: z
    .string()
    .regex(/^\d{1,3}$/, 'expected a whole number')
    .transform(Number)
    .refine((seconds) => seconds >= 1 && seconds <= trendSeconds.most, `expected 1 to ${trendSeconds.most}`)
    .default(trendSeconds.default)
    .describe(`How many seconds \`trend\` reaches back: 1 to ${trendSeconds.most}. Default: ${trendSeconds.default}.`),
});

const show = createRoute({
  operationId: 'getOverview',
  method: 'get',
  path: '/v1/overview',
  summary: 'Every service with its numbers, their trend, its instances and its callers: for a screen, once a second.',
  request: { query },
  responses: {
    200: json(overviewView, 'In the order of the mesh file, then in that of registration.'),
    ...errors('invalid_request'),
  },
});
