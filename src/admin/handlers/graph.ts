import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute } from '@hono/zod-openapi';
import type { Control } from '../control.js';
import { graphView } from '../graph-wire.js';
import { errors, json } from './answers.js';

/** Who calls whom. */
export function addGraphRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(show, (context) => context.json(control.graph(), 200));
}

const show = createRoute({
  operationId: 'getGraph',
  method: 'get',
  path: '/v1/graph',
  summary: 'Who calls whom, how often, and how it fares: the last 60 seconds.',
  responses: { 200: json(graphView, 'The services, and an edge for each pair with traffic.'), ...errors() },
});
