import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import { contentType } from '../../telemetry/prometheus/exposition.js';
import type { Control } from '../control.js';
import { targetGroupView } from '../metrics-wire.js';
import { json } from './answers.js';

/** What Prometheus asks for. */
export function addMetricsRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(metrics, (context) => context.text(control.metrics(), 200, { 'content-type': contentType }));
  app.openapi(targets, (context) => context.json(control.targets(), 200));
}

const metrics = createRoute({
  operationId: 'getMetrics',
  method: 'get',
  path: '/metrics',
  summary: 'All numbers of the mesh, for Prometheus. Open to everyone.',
  security: [],
  responses: { 200: { description: 'Text format 0.0.4.', content: { 'text/plain': { schema: z.string() } } } },
});

const targets = createRoute({
  operationId: 'discoverTargets',
  method: 'get',
  path: '/sd',
  summary: 'The instances, as HTTP service discovery of Prometheus. Open to everyone.',
  security: [],
  responses: { 200: json(z.array(targetGroupView), 'A group for each instance.') },
});
