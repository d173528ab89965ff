import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import { alertDetailsView, alertsView } from '../alerts-wire.js';
import type { Control } from '../control.js';
import { errors, json } from './answers.js';

/** What is watched, and what was found when it fired. */
export function addAlertRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(list, (context) => context.json(control.alerts(), 200));
  app.openapi(show, (context) => {
    const { name } = context.req.valid('param');
    return context.json(control.alert(name, context.req.valid('query').service), 200);
  });
}

const list = createRoute({
  operationId: 'listAlerts',
  method: 'get',
  path: '/v1/alerts',
  summary: 'The alerts at each service, and how those fare that are told of them.',
  responses: { 200: json(alertsView, 'The alerts.'), ...errors() },
});

const show = createRoute({
  operationId: 'getAlert',
  method: 'get',
  path: '/v1/alerts/{name}',
  summary: 'One alert, and the evidence that was frozen when it fired last.',
  request: {
    params: z.object({ name: z.string().openapi({ param: { name: 'name', in: 'path' }, description: 'The alert.' }) }),
    query: z.object({ service: z.string().optional().describe('Only at this service.') }),
  },
  responses: {
    200: json(alertDetailsView, 'The alert.'),
    ...errors('unknown_alert', 'unknown_service', 'invalid_request'),
  },
});
