// http-proxy-3 1.23, the successor that runs on Node 20, with a keep-alive agent. Argument: the port of the upstream.
import { Agent, createServer } from 'node:http';
import { createProxyServer } from 'http-proxy-3';

const [upstream] = process.argv.slice(2);
const proxy = createProxyServer({
  target: `http://127.0.0.1:${upstream}`,
  agent: new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 1024 }),
});
proxy.on('error', (_error, _request, response) => {
  if (!response.headersSent) response.writeHead?.(502); // it is a socket, where it was an upgrade
  response.end();
});
const server = createServer((request, response) => proxy.web(request, response));
server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
