import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import type { Control } from '../control.js';
import { traceView } from '../traces-wire.js';
import { errors, json } from './answers.js';

/** Whole traces: what the mesh has seen, and what the services tell. */
export function addTraceRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(show, (context) => context.json(control.trace(context.req.valid('param').traceId), 200));
}

const show = createRoute({
  operationId: 'getTrace',
  method: 'get',
  path: '/v1/traces/{traceId}',
  summary: 'A trace: its exchanges, the spans that its services have sent, and both as one tree.',
  request: {
    params: z.object({
      traceId: z
        .string()
        .regex(/^[0-9a-f]{32}$/, 'expected 32 lower-case hexadecimal digits')
        .openapi({ param: { name: 'traceId', in: 'path' }, description: 'Its id (W3C Trace Context).' }),
    }),
  },
  responses: { 200: json(traceView, 'The trace.'), ...errors('unknown_trace', 'invalid_request') },
});
