import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { MeshError } from '../foundation/errors.js';
import type { Control } from './control.js';
import { errorAnswer } from './error-answer.js';
import { exchangeEventView } from './exchanges-wire.js';
import { addAlertRoutes } from './handlers/alerts.js';
import { addExchangeRoutes } from './handlers/exchanges.js';
import { addGraphRoutes } from './handlers/graph.js';
import { addInstanceRoutes } from './handlers/instances.js';
import { addLogRoutes } from './handlers/logs.js';
import { addMeshRoutes } from './handlers/mesh.js';
import { addMetricsRoutes } from './handlers/metrics.js';
import { addOtlpRoutes } from './handlers/otlp.js';
import { addOverviewRoutes } from './handlers/overview.js';
import { addServiceRoutes } from './handlers/services.js';
import { addShapingRoutes } from './handlers/shaping.js';
import { addSplitRoutes } from './handlers/split.js';
import { addTraceRoutes } from './handlers/traces.js';
import { logEventView } from './logs-wire.js';
import { secure } from './security.js';
import type { EventStreams } from './stream.js';
import { eventView } from './wire.js';

/** Bytes of a request's body: a registration needs a few hundred. */
const bodyBytes = 64 * 1_024;

export interface AppRooms {
  readonly control: Control;
  readonly streams: EventStreams;
  readonly token: string | undefined;
  /** The host that the mesh file names for the API. */
  readonly host: string;
  /** The port as bound. */
  port(): number;
}

/** Every request passes the guards first, then finds its route; whatever goes wrong becomes one kind of answer. */
export function createApp({ control, streams, ...guards }: AppRooms): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.error.issues);
    },
  });
  app.onError(errorAnswer);
  app.notFound((context) => {
    throw new MeshError('unknown_endpoint', `The admin API has no \`${context.req.method} ${context.req.path}\``);
  });
  app.use(secure(guards));
  addOtlpRoutes(app, control); // before the limit: what a service tells is longer than a registration
  app.use(bodyLimit({ maxSize: bodyBytes, onError: refuseBody }));
  app.use(onlyJson);

  addMeshRoutes(app, control, streams);
  addMetricsRoutes(app, control);
  addOverviewRoutes(app, control);
  addServiceRoutes(app, control);
  addInstanceRoutes(app, control);
  addSplitRoutes(app, control);
  addShapingRoutes(app, control);
  addExchangeRoutes(app, control, streams);
  addGraphRoutes(app, control);
  addAlertRoutes(app, control);
  addLogRoutes(app, control, streams);
  addTraceRoutes(app, control);
  describe(app);
  refuseOtherMethods(app);
  return app;
}

/** A form that a page of another site could send without asking (CORS "simple request") is no JSON. */
async function onlyJson({ req }: Context, next: () => Promise<void>): Promise<void> {
  const hasBody = req.header('content-length') !== '0' && req.raw.body !== null && req.raw.body !== undefined;
  const type = req.header('content-type') ?? '';
  if (hasBody && req.method === 'PUT' && !/^application\/json(?:;|$)/i.test(type)) {
    throw new MeshError('invalid_request', `The body is \`${type || 'of no type'}\`, not \`application/json\``);
  }
  await next();
}

function refuseBody(): never {
  throw new MeshError('body_too_large', `The body is larger than ${bodyBytes / 1_024} KiB`);
}

/** All that zod found, as one sentence that names each place. */
function invalid(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): MeshError {
  const places = issues.map(({ path, message }) => `\`${path.join('.') || 'body'}\`: ${message}`);
  return new MeshError('invalid_request', places.join('; '));
}

function describe(app: OpenAPIHono): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'What `mesh token` prints.',
  });
  app.openAPIRegistry.register('Event', eventView); // in a stream of text, so that no route names it
  app.openAPIRegistry.register('LogEvent', logEventView);
  app.openAPIRegistry.register('ExchangeEvent', exchangeEventView);
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'mesh admin API',
      version: '1',
      description: 'Steers a running mesh: its services, their instances, its configuration and its events.',
    },
    security: [{ token: [] }],
  });
}

/** A path that is there, asked with a method that is not: 405, not 404, and with the methods that are (RFC 9110 §15.5.6). */
function refuseOtherMethods(app: OpenAPIHono): void {
  const methods = new Map<string, string[]>();
  for (const { path, method } of app.routes) {
    if (path !== '/*') methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  for (const [path, known] of methods) {
    app.all(path, ({ req, res }) => {
      res.headers.set('allow', [...new Set(known)].join(', '));
      throw new MeshError('wrong_method', `\`${req.method}\` does nothing at ${req.path}`);
    });
  }
}
