// httpxy with a keep-alive agent: its own has a limit of 256 sockets. Argument: the port of the upstream.
import { Agent, createServer } from 'node:http';
import { createProxyServer } from 'httpxy';

const [upstream] = process.argv.slice(2);
const proxy = createProxyServer({
  target: `http://127.0.0.1:${upstream}`,
  agent: new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 1024 }),
});
const server = createServer(async (request, response) => {
  try {
    await proxy.web(request, response);
  } catch {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  }
});
server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, {}, head).catch(() => socket.destroy()));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
