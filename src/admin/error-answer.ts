import { STATUS_CODES } from 'node:http';
import { HTTPException } from 'hono/http-exception';
import { MeshError, toMeshError } from '../foundation/errors.js';
import type { ErrorView } from './wire.js';

/** Whatever went wrong, as the one kind of answer: `{error: {code, message, hint}}`. */
export function errorAnswer(thrown: unknown): Response {
  const { status, headers, body } = answerOf(thrown);
  return new Response(body, { status, headers });
}

/** The same for a request that could not be read, on the bare socket. */
export function bareErrorAnswer(thrown: unknown): string {
  const { status, headers, body } = answerOf(thrown);
  const fields = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}

function answerOf(thrown: unknown): { status: number; headers: Record<string, string>; body: string } {
  const error =
    thrown instanceof HTTPException ? new MeshError('invalid_request', thrown.message) : toMeshError(thrown);
  const { code, message, hint, status } = error;
  const view: ErrorView = { error: { code, message, hint } };
  const headers: Record<string, string> = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  if (code === 'unauthorized') headers['www-authenticate'] = 'Bearer realm="mesh"';
  return { status, headers, body: JSON.stringify(view) };
}
