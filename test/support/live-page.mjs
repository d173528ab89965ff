// A service as people write them: a page that speaks a WebSocket and listens to an event stream of its own origin.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const page = `<!doctype html><title>live</title><h1>live page</h1><p id="socket">…</p><p id="events">…</p>
<script>
  const socket = new WebSocket('ws://' + location.host + '/echo');
  socket.onopen = () => socket.send('over the socket');
  socket.onmessage = ({ data }) => { document.getElementById('socket').textContent = data; };
  new EventSource('/events').onmessage = ({ data }) => { document.getElementById('events').textContent = data; };
</script>`;

const server = createServer((request, response) => {
  if (request.url !== '/events') return response.setHeader('content-type', 'text/html').end(page);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  return response.write('data: as an event\n\n'); // and the stream stays open
});
new WebSocketServer({ server, path: '/echo' }).on('connection', (socket) => {
  socket.on('message', (message) => socket.send(String(message)));
});
server.listen(process.env.PORT, '127.0.0.1');
