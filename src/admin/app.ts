import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { MeshError, toMeshError } from '../foundation/errors.js';
import type { Control } from './control.js';
import { addInstanceRoutes } from './handlers/instances.js';
import { addMeshRoutes } from './handlers/mesh.js';
import { addServiceRoutes } from './handlers/services.js';
import { secure } from './security.js';
import type { EventStreams } from './stream.js';
import type { ErrorView } from './wire.js';

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
  app.onError(answerError);
  app.notFound((context) => {
    throw new MeshError('unknown_endpoint', `The admin API has no \`${context.req.method} ${context.req.path}\``);
  });
  app.use(secure(guards));
  app.use(bodyLimit({ maxSize: bodyBytes, onError: refuseBody }));
  app.use(onlyJson);

  addMeshRoutes(app, control, streams);
  addServiceRoutes(app, control);
  addInstanceRoutes(app, control);
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

function answerError(thrown: Error): Response {
  const error =
    thrown instanceof HTTPException ? new MeshError('invalid_request', thrown.message) : toMeshError(thrown);
  const { code, message, hint, status } = error;
  const view: ErrorView = { error: { code, message, hint } };
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (code === 'unauthorized') headers['www-authenticate'] = 'Bearer realm="mesh"';
  return new Response(JSON.stringify(view), { status, headers });
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

/** A path that is there, asked with a method that is not: 405, not 404. */
function refuseOtherMethods(app: OpenAPIHono): void {
  for (const path of new Set(app.routes.filter(({ path }) => path !== '/*').map((route) => route.path))) {
    app.all(path, ({ req }) => {
      throw new MeshError('wrong_method', `\`${req.method}\` does nothing at ${req.path}`);
    });
  }
}
