// A WebSocket server that sends every message back. It prints its port.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer((_request, response) => response.end()); // health checks
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', () => {}); // `close` follows
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
