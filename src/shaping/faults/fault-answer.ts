import { readFile } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import type { MockAnswer } from '../../config/shaping-configs.js';
import { Body } from '../../exchange/body.js';
import type { Exchange, ExchangeResponse } from '../../exchange/exchange.js';
import { errnoOf, MeshError } from '../../foundation/errors.js';
import { Fields } from '../../http1/fields.js';
import { mayHaveBody } from '../../http1/framing.js';

/** What `abort` answers. Envoy's text is "fault filter abort"; this one says who to look for. */
export function abortAnswer(exchange: Exchange, status: number): ExchangeResponse {
  const text = Buffer.from(`${status} by a fault of the mesh\n`);
  return answer(exchange, status, new Fields(['Content-Type', 'text/plain; charset=utf-8']), text);
}

/** A gRPC answer without messages: its status stands in the head (gRPC over HTTP: Trailers-Only). */
export function grpcAbortAnswer(exchange: Exchange, grpcStatus: number): ExchangeResponse {
  const fields = new Fields(['Content-Type', 'application/grpc', 'grpc-status', String(grpcStatus)]);
  fields.append('grpc-message', 'by a fault of the mesh');
  return answer(exchange, 200, fields, nothing);
}

/** @throws file_inaccessible */
export async function mockAnswer(exchange: Exchange, { status, headers, body }: MockAnswer): Promise<ExchangeResponse> {
  const bytes = body.kind === 'text' ? Buffer.from(body.text) : await contentOf(body.file);
  const fields = new Fields(Object.entries(headers).flat());
  if (bytes.length > 0 && !fields.has('content-type')) fields.append('Content-Type', typeOf(bytes));
  return answer(exchange, status, fields, bytes);
}

/** Framed as a service would: also a HEAD is told the length. */
function answer(exchange: Exchange, status: number, fields: Fields, bytes: Buffer): ExchangeResponse {
  const { method } = exchange.request;
  for (const name of ownFields) fields.delete(name);
  if (mayHaveBody('GET', status)) fields.append('Content-Length', String(bytes.length));
  const body = Body.of(mayHaveBody(method, status) ? bytes : nothing);
  return { status, reason: STATUS_CODES[status] ?? '', fields, body };
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const message = `A mock is to answer with ${file}, which cannot be read (${errnoOf(cause)})`;
    throw new MeshError('file_inaccessible', message, { cause });
  }
}

/** Most mocks are JSON, and few say so. */
function typeOf(bytes: Buffer): string {
  return /^\s*[[{]/.test(bytes.toString('latin1', 0, 100)) ? 'application/json' : 'text/plain; charset=utf-8';
}

/** What is said of the connection and of the framing is the gateway's to say. */
const ownFields = ['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'trailer'];

const nothing = Buffer.alloc(0);
