import { setImmediate as turn } from 'node:timers/promises';
import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { MeshError, toMeshError } from '../../foundation/errors.js';
import { acceptance, mediaTypeOf, refusal } from '../../telemetry/intake/answer.js';
import type { Encoding } from '../../telemetry/intake/intake.js';
import { readExport, spansAtOnce } from '../../telemetry/intake/intake.js';
import type { Control } from '../control.js';
import { inflate, tooLarge } from '../inflate.js';
import { errors } from './answers.js';

/** Bytes of an export as it is sent, and what it may be inflated to. */
const sentBytes = 4 * 1_024 * 1_024;
const inflatedBytes: Readonly<Record<Encoding, number>> = {
  protobuf: 16 * 1_024 * 1_024,
  json: 2 * 1_024 * 1_024, // it is parsed in one piece, and the gateway waits meanwhile
};

/** Exports that are under way: each may wait with all of its body. */
const mostUnderWay = 64;

/** Of gRPC, for a `google.rpc.Status`. */
const statusCode = { invalidArgument: 3, resourceExhausted: 8 } as const;

/**
 * What the services tell of their own, in OTLP/HTTP (opentelemetry.io/docs/specs/otlp). Open without a token, for an SDK has
 * none; a page of another site is refused as everywhere, and once more by the type of its body: those two types no page may
 * send without asking.
 */
export function addOtlpRoutes(app: OpenAPIHono, control: Control): void {
  const inTurn = oneByOne();
  app.use('/v1/:signal{traces|logs|metrics}', crowd());
  app.post(traces.path, limit, (context) =>
    answer(context, inTurn, async ({ encoding, bytes, sent, isGzip }) => {
      const { spans, rejected, reason } = await readExport(encoding, bytes);
      control.relaySpans({ type: mediaTypeOf(encoding), isGzip, bytes: sent, spans });
      for (let at = 0; at < spans.length; at += spansAtOnce) {
        control.keepSpans(spans.slice(at, at + spansAtOnce));
        await turn();
      }
      return acceptance(encoding, rejected, reason);
    }),
  );
  for (const { path } of [logs, metrics]) {
    app.post(path, limit, (context) => answer(context, inTurn, async ({ encoding }) => acceptance(encoding, 0, '')));
  }
  for (const route of [traces, logs, metrics]) app.openAPIRegistry.registerPath(route);
}

const limit = bodyLimit({
  maxSize: sentBytes,
  onError: (context) => refuse(encodingOf(context), tooLarge(sentBytes)),
});

/** Whatever is wrong with the body is told in the way in which the body is written. */
async function answer(context: Context, inTurn: Turns, take: (body: ExportBody) => Promise<Buffer>): Promise<Response> {
  refuseMesh(context);
  const encoding = encodingOf(context);
  try {
    const sent = Buffer.from(await context.req.arrayBuffer());
    const isGzip = isPacked(context);
    const most = inflatedBytes[encoding];
    const taken = await inTurn(async () => {
      const bytes = isGzip ? await inflate(sent, most) : sent;
      if (bytes.length > most) throw tooLarge(most);
      return take({ encoding, bytes, sent, isGzip });
    });
    return responseOf(encoding, 200, taken);
  } catch (thrown) {
    const error = toMeshError(thrown);
    if (error.status >= 500) throw error;
    return refuse(encoding, error);
  }
}

type Turns = <Result>(run: () => Promise<Result>) => Promise<Result>;

/** A few kilobytes become sixteen megabytes, and their objects more: those of two at once need not be held. */
function oneByOne(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const mine = last.then(run);
    last = mine.catch(() => {});
    return mine;
  };
}

/** 503, which an SDK tries again. */
function crowd(): MiddlewareHandler {
  let underWay = 0;
  return async ({ req }, next) => {
    if (req.method !== 'POST') return next();
    if (underWay >= mostUnderWay) throw new MeshError('overloaded', `${mostUnderWay} exports are under way`);
    underWay++;
    try {
      await next();
    } finally {
      underWay--;
    }
  };
}

interface ExportBody {
  readonly encoding: Encoding;
  /** To be read. */
  readonly bytes: Buffer;
  /** As they came. */
  readonly sent: Buffer;
  readonly isGzip: boolean;
}

/** One that sends its spans to itself, or two to one another, would never end. @throws loop_detected */
function refuseMesh({ req }: Context): void {
  if (!/^service-mesh(?: |$)/.test(req.header('user-agent') ?? '')) return;
  throw new MeshError('loop_detected', 'The spans come from a mesh, and a mesh collects those of services', {
    hint: 'Let `telemetry.traces.otlp` lead to a collector.',
  });
}

function refuse(encoding: Encoding, { code, status, message }: MeshError): Response {
  const known = code === 'body_too_large' ? statusCode.resourceExhausted : statusCode.invalidArgument;
  return responseOf(encoding, status, refusal(encoding, known, message));
}

function responseOf(encoding: Encoding, status: number, body: Buffer): Response {
  return new Response(body, { status, headers: { 'content-type': mediaTypeOf(encoding) } });
}

/** @throws media_type_not_supported */
function encodingOf({ req }: Context): Encoding {
  const type = req.header('content-type') ?? '';
  if (/^application\/json *(?:;|$)/i.test(type)) return 'json';
  if (/^application\/x-protobuf *(?:;|$)/i.test(type)) return 'protobuf';
  throw new MeshError('media_type_not_supported', `The body is \`${type || 'of no type'}\``);
}

/** @throws media_type_not_supported */
function isPacked({ req }: Context): boolean {
  const coding = req.header('content-encoding')?.trim().toLowerCase() || 'identity';
  if (coding === 'gzip') return true;
  if (coding === 'identity') return false;
  throw new MeshError('media_type_not_supported', `The body is packed by \`${coding}\``);
}

const message = (description: string) => ({
  description,
  content: {
    'application/x-protobuf': { schema: z.string().openapi({ format: 'binary' }) },
    'application/json': { schema: z.looseObject({}) },
  },
});

function mebibytes(bytes: number): string {
  return `${bytes / 1_024 / 1_024} MiB`;
}

/** The messages are those of opentelemetry-proto: no schema of ours would say it better. */
function exportRoute(signal: 'Traces' | 'Logs' | 'Metrics', summary: string): RouteConfig & { path: string } {
  const { 401: _, ...refusals } = errors('media_type_not_supported', 'loop_detected', 'overloaded');
  return {
    operationId: `export${signal}`,
    method: 'post',
    path: `/v1/${signal.toLowerCase()}`,
    summary,
    description: `OTLP/HTTP. At most ${mebibytes(sentBytes)}, and ${mebibytes(inflatedBytes.protobuf)} inflated; JSON ${mebibytes(inflatedBytes.json)}.`,
    security: [],
    request: { body: { required: true, ...message('The `Export…ServiceRequest`, plain or as gzip.') } },
    responses: {
      200: message('The `Export…ServiceResponse`; `partial_success` tells what was not taken, and why.'),
      400: message('A `google.rpc.Status`: the body is no such request.'),
      413: message('A `google.rpc.Status`: the body is too large.'),
      ...refusals,
    },
  };
}

const traces = exportRoute('Traces', 'Takes spans of services, for the traces that they belong to. Open to everyone.');
const logs = exportRoute(
  'Logs',
  'Takes log records, and keeps none: `mesh logs` reads what services print. Open to everyone.',
);
const metrics = exportRoute('Metrics', 'Takes metrics, and keeps none. Open to everyone.');
