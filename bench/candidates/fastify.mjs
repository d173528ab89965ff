// Fastify with @fastify/http-proxy, which keeps its connections with undici. Argument: the port of the upstream.
import httpProxy from '@fastify/http-proxy';
import Fastify from 'fastify';

const [upstream] = process.argv.slice(2);
const app = Fastify({ logger: false });
await app.register(httpProxy, {
  upstream: `http://127.0.0.1:${upstream}`,
  undici: { connections: null }, // without a limit, as the others; its own is 128
  websocket: true,
  replyOptions: { rewriteHeaders: withoutConnection },
});
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(app.server.address().port);

/** It would pass the upstream's `Connection: keep-alive` on to a client that asked to close, and close nevertheless. */
function withoutConnection(headers) {
  delete headers.connection;
  return headers;
}
