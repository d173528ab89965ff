import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import { parseAddress, requireAddress } from '../../foundation/address.js';
import { MeshError } from '../../foundation/errors.js';
import { instanceIdPattern } from '../../foundation/names.js';
import { parseDuration } from '../../foundation/units.js';
import type { Registration } from '../../registry/registration.js';
import type { Control } from '../control.js';
import { instanceView, registrationBody } from '../wire.js';
import { errors, instanceParameter, json, serviceParameter } from './answers.js';

/** Who serves a service: said at run time, renewed, taken back. */
export function addInstanceRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(register, async (context) => {
    const { name, id } = context.req.valid('param');
    const { instance, created } = await control.register(name, toRegistration(id, context.req.valid('json')));
    return context.json(instance, created ? 201 : 200);
  });
  app.openapi(deregister, async (context) => {
    const { name, id } = context.req.valid('param');
    return context.json(await control.deregister(name, id), 200);
  });
  app.openapi(heartbeat, (context) => {
    const { name, id } = context.req.valid('param');
    return context.json(control.heartbeat(name, id), 200);
  });
}

function toRegistration(id: string, body: z.output<typeof registrationBody>): Registration {
  const { address, ttl, ...rest } = body;
  return { ...rest, id, address: requireAddress(address), ttl: ttl === undefined ? undefined : toTtl(ttl) };
}

/** How long it may be is the registry's to say. */
function toTtl(text: string): number {
  const ttl = parseDuration(text);
  if (ttl !== undefined) return ttl;
  throw new MeshError('invalid_registration', `\`${text}\` is not a time to live`, {
    hint: 'Write a duration, such as 30s.',
  });
}

const register = createRoute({
  operationId: 'putInstance',
  method: 'put',
  path: '/v1/services/{name}/instances/{id}',
  summary: 'Registers an instance, or makes the one of that id what is said here. Durable when it is answered.',
  request: {
    params: z.object({ name: serviceParameter, id: instanceParameter }),
    body: { required: true, content: { 'application/json': { schema: registrationBody } } },
  },
  responses: {
    200: json(instanceView, 'It was there, and is now what was said.'),
    201: json(instanceView, 'It is there now.'),
    ...errors('invalid_request', 'invalid_registration', 'forbidden_target', 'body_too_large', 'file_inaccessible'),
  },
});

const deregister = createRoute({
  operationId: 'deleteInstance',
  method: 'delete',
  path: '/v1/services/{name}/instances/{id}',
  summary: 'Takes a registered instance out. Those of the mesh file and of processes leave with their line there.',
  request: {
    params: z.object({
      name: serviceParameter,
      id: z
        .string()
        .refine(
          (text) => instanceIdPattern.test(text) || parseAddress(text) !== undefined,
          'neither an id nor an address',
        )
        .openapi({ param: { name: 'id', in: 'path' }, description: 'Its id, or its address as host:port.' }),
    }),
  },
  responses: {
    200: json(instanceView, 'What it was.'),
    ...errors('invalid_request', 'unknown_service', 'unknown_instance', 'not_registered', 'file_inaccessible'),
  },
});

const heartbeat = createRoute({
  operationId: 'renewLease',
  method: 'post',
  path: '/v1/services/{name}/instances/{id}/heartbeat',
  summary: 'Renews the lease. When it has expired the answer is 404: register again.',
  request: { params: z.object({ name: serviceParameter, id: instanceParameter }) },
  responses: {
    200: json(instanceView, 'The instance, its lease renewed.'),
    ...errors('invalid_request', 'unknown_service', 'unknown_instance'),
  },
});
