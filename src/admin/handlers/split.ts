import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import { hashKeyFrom } from '../../config/hash-key.js';
import type { Control } from '../control.js';
import { splitBody } from '../traffic-wire.js';
import { serviceView } from '../wire.js';
import { errors, json, serviceParameter } from './answers.js';

/** Which version of a service gets how many requests, said at run time. */
export function addSplitRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(put, (context) => {
    const { versions, by } = context.req.valid('json');
    const split = { versions, by: by === undefined ? undefined : hashKeyFrom(by) };
    return context.json(control.split(context.req.valid('param').name, split), 200);
  });
  app.openapi(clear, (context) => context.json(control.split(context.req.valid('param').name, undefined), 200));
}

const put = createRoute({
  operationId: 'putSplit',
  method: 'put',
  path: '/v1/services/{name}/split',
  summary:
    'Deals requests out to versions, in place of what the mesh file says, until that is cleared or the mesh stops.',
  request: {
    params: z.object({ name: serviceParameter }),
    body: { required: true, content: { 'application/json': { schema: splitBody } } },
  },
  responses: {
    200: json(serviceView, 'The service.'),
    ...errors('unknown_service', 'invalid_request', 'body_too_large'),
  },
});

const clear = createRoute({
  operationId: 'deleteSplit',
  method: 'delete',
  path: '/v1/services/{name}/split',
  summary: 'Gives way to the split of the mesh file again.',
  request: { params: z.object({ name: serviceParameter }) },
  responses: { 200: json(serviceView, 'The service.'), ...errors('unknown_service', 'invalid_request') },
});
