import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import type { Control } from '../control.js';
import { servicesView, serviceView } from '../wire.js';
import { errors, json, serviceParameter } from './answers.js';

/** What there is. */
export function addServiceRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(list, (context) => context.json(control.services(), 200));
  app.openapi(show, (context) => context.json(control.service(context.req.valid('param').name), 200));
}

const list = createRoute({
  operationId: 'listServices',
  method: 'get',
  path: '/v1/services',
  summary: 'All services with their instances, processes and numbers.',
  responses: { 200: json(servicesView, 'In the order of the mesh file, then in that of registration.'), ...errors() },
});

const show = createRoute({
  operationId: 'getService',
  method: 'get',
  path: '/v1/services/{name}',
  summary: 'One service.',
  request: { params: z.object({ name: serviceParameter }) },
  responses: { 200: json(serviceView, 'The service.'), ...errors('unknown_service', 'invalid_request') },
});
