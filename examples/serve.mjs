// What the example's services share: an HTTP server on PORT that answers JSON, is healthy, and leaves politely.
import http from 'node:http';
import { inTrace, traceHeaders } from './span.mjs';

/** @param routes `{ 'GET /orders': async (request, body) => ({ status, body }) }` */
export function serve(routes, port = process.env.PORT) {
  const server = http.createServer(async (request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const answer = await answerOf(routes[`${request.method} ${path}`], request, path);
    const isText = typeof answer.body === 'string';
    response.writeHead(answer.status ?? 200, {
      'content-type': isText ? 'text/html; charset=utf-8' : 'application/json',
    });
    response.end(isText ? answer.body : `${JSON.stringify(answer.body)}\n`);
  });
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      console.log(`listening on ${server.address().port}`);
      resolve(server.address().port);
    });
  });
}

async function answerOf(handle, request, path) {
  if (path === '/healthz') return { body: { status: 'ok' } };
  if (handle === undefined)
    return {
      status: 404,
      body: { error: `no ${request.method} ${path} here` },
    };
  try {
    let text = '';
    for await (const chunk of request) text += chunk;
    return await inTrace(request.headers.traceparent, () => handle(text === '' ? undefined : JSON.parse(text)));
  } catch (error) {
    return { status: 502, body: { error: error.message } };
  }
}

/** Calls a peer by the URL that the mesh put into the environment, and insists on an answer of 2xx. */
export async function call(url, path, body) {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...traceHeaders() },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}${path} answered ${response.status}`);
  return response.json();
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
