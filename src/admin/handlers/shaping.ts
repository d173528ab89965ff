import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute, z } from '@hono/zod-openapi';
import { parseDuration } from '../../foundation/units.js';
import type { Control } from '../control.js';
import { scenariosView, scenarioView, shapeBody, shapingView } from '../shaping-wire.js';
import { errors, json, serviceParameter } from './answers.js';

/** Who says a shape that names nobody. */
const nobody = 'the admin API';

/** How traffic is shaped, said at run time: service by service, or by a scenario of the mesh file. */
export function addShapingRoutes(app: OpenAPIHono, control: Control): void {
  app.openapi(show, (context) => context.json(control.shaping(context.req.valid('param').name), 200));
  app.openapi(put, (context) => {
    const { for: duration, by = nobody, ...values } = context.req.valid('json');
    const milliseconds = duration === undefined ? undefined : parseDuration(duration);
    return context.json(control.shape(context.req.valid('param').name, { values, duration: milliseconds, by }), 200);
  });
  app.openapi(clear, (context) => context.json(control.shape(context.req.valid('param').name, undefined), 200));
  app.openapi(list, (context) => context.json(control.scenarios(), 200));
  app.openapi(start, (context) => context.json(control.startScenario(context.req.valid('param').name), 200));
  app.openapi(stop, (context) => context.json(control.stopScenario(context.req.valid('param').name), 200));
}

const ofService = { params: z.object({ name: serviceParameter }) };

const show = createRoute({
  operationId: 'getShaping',
  method: 'get',
  path: '/v1/services/{name}/shaping',
  summary: 'How the traffic to the service is shaped, and what came of it.',
  request: ofService,
  responses: { 200: json(shapingView, 'What is in force.'), ...errors('unknown_service', 'invalid_request') },
});

const put = createRoute({
  operationId: 'putShaping',
  method: 'put',
  path: '/v1/services/{name}/shaping',
  summary:
    'Shapes the traffic to the service: each key that is given stands in place of that of the mesh file, and all of it in place of what was said before.',
  request: { ...ofService, body: { required: true, content: { 'application/json': { schema: shapeBody } } } },
  responses: {
    200: json(shapingView, 'What is in force now.'),
    ...errors('unknown_service', 'invalid_request', 'body_too_large'),
  },
});

const clear = createRoute({
  operationId: 'deleteShaping',
  method: 'delete',
  path: '/v1/services/{name}/shaping',
  summary: 'Gives way to the mesh file again.',
  request: ofService,
  responses: { 200: json(shapingView, 'What is in force now.'), ...errors('unknown_service', 'invalid_request') },
});

const list = createRoute({
  operationId: 'listScenarios',
  method: 'get',
  path: '/v1/scenarios',
  summary: 'The scenarios of the mesh file, and the one that runs.',
  responses: { 200: json(scenariosView, 'In the order of the mesh file.'), ...errors() },
});

const ofScenario = {
  params: z.object({
    name: z.string().openapi({ param: { name: 'name', in: 'path' }, description: 'The scenario.' }),
  }),
};

const start = createRoute({
  operationId: 'startScenario',
  method: 'put',
  path: '/v1/scenarios/{name}/run',
  summary: 'Begins a scenario; it runs in the mesh, whether or not anybody looks on. One runs at a time.',
  request: ofScenario,
  responses: { 200: json(scenarioView, 'The scenario.'), ...errors('unknown_scenario', 'scenario_running') },
});

const stop = createRoute({
  operationId: 'stopScenario',
  method: 'delete',
  path: '/v1/scenarios/{name}/run',
  summary: 'Ends it early, and clears what it has set.',
  request: ofScenario,
  responses: { 200: json(scenarioView, 'The scenario.'), ...errors('unknown_scenario') },
});
