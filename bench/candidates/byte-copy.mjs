// No gateway at all: each connection has one of its own to the upstream, and bytes are copied between the two. What this
// takes, Node takes, for whatever is built on its sockets. Argument: the port of the upstream.
import { connect, createServer } from 'node:net';

const [upstream] = process.argv.slice(2);
const server = createServer({ noDelay: true }, (client) => {
  const service = connect({ port: Number(upstream), host: '127.0.0.1', noDelay: true });
  copy(client, service);
  copy(service, client);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

function copy(from, to) {
  from.on('data', (bytes) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
}
