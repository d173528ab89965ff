import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import type { Control } from '../control.js';
import type { EventStreams } from '../stream.js';
import { reloadView, statusView } from '../wire.js';
import { errors, json } from './answers.js';

/** What concerns the mesh as a whole. */
export function addMeshRoutes(app: OpenAPIHono, control: Control, streams: EventStreams): void {
  app.openapi(healthz, (context) => context.json({ status: 'ok' as const }, 200));
  app.openapi(status, (context) => context.json(control.status(), 200));
  app.openapi(config, (context) => context.json(control.config(), 200));
  app.openapi(reload, async (context) => context.json(await control.reload(), 200));
  app.openapi(shutdown, (context) => {
    control.shutdown();
    return context.json({ status: 'stopping' as const }, 202);
  });
  app.openapi(events, ({ req, body }) => {
    const isRead = req.method !== 'HEAD'; // hono answers HEAD by GET, and would leave the stream unread
    return isRead ? streams.response() : body(null, 200, { 'content-type': 'text/event-stream' });
  });
}

const healthz = createRoute({
  operationId: 'healthz',
  method: 'get',
  path: '/healthz',
  summary: 'Is a mesh there? Open to everyone.',
  security: [],
  responses: { 200: json(z.object({ status: z.literal('ok') }), 'It is.') },
});

const status = createRoute({
  operationId: 'getStatus',
  method: 'get',
  path: '/v1/status',
  summary: 'What this mesh is, and whether its services are ready.',
  responses: { 200: json(statusView, 'The mesh.'), ...errors() },
});

const config = createRoute({
  operationId: 'getConfig',
  method: 'get',
  path: '/v1/config',
  summary: 'The mesh file as it is in force: resolved, with every default, without secrets.',
  responses: { 200: json(z.looseObject({}), 'A mesh file: `mesh schema` describes it.'), ...errors() },
});

const reload = createRoute({
  operationId: 'reload',
  method: 'post',
  path: '/v1/reload',
  summary: 'Takes up the mesh file as it is now. A watching mesh does so by itself.',
  responses: { 200: json(reloadView, 'What changed, or why nothing did.'), ...errors() },
});

const shutdown = createRoute({
  operationId: 'shutdown',
  method: 'post',
  path: '/v1/shutdown',
  summary: 'Stops the mesh in good order.',
  responses: { 202: json(z.object({ status: z.literal('stopping') }), 'It has begun.'), ...errors() },
});

const events = createRoute({
  operationId: 'streamEvents',
  method: 'get',
  path: '/v1/events',
  summary: 'Everything that happens from now on, as server-sent events. `data` is an Event.',
  responses: {
    200: { description: 'A stream without end.', content: { 'text/event-stream': { schema: z.string() } } },
    ...errors(),
  },
});
