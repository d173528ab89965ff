import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { smallBody } from '../lib/contract.mjs';

/** Of requests that want an answer, so many end in a reset. */
const resetShare = 0.05;

export const largeBody = Buffer.alloc(1_000_000, 'a large answer ');

/** A service that answers, lets wait, streams without end, and sometimes breaks the connection. Resolves with its port. */
export async function startUpstream() {
  const server = createServer((request, response) => {
    request.on('error', () => {}); // the gateway passes on that its client has left
    response.on('error', () => {});
    const answer = answers[request.url] ?? notFound;
    answer(request, response);
  });
  acceptWebSockets(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

const answers = {
  '/small': (request, response) => give(request, response, smallBody),
  '/large': (request, response) => give(request, response, largeBody),
  '/upload': receive,
  '/never': () => {},
  '/endless': stream,
};

function give(request, response, body) {
  if (isUnlucky()) return breakOff(request, response, body);
  response.writeHead(200, { 'Content-Length': body.length }).end(body);
}

/** Answers with the number of bytes that came. */
function receive(request, response) {
  let bytes = 0;
  const isReset = isUnlucky();
  request.on('data', (chunk) => {
    bytes += chunk.length;
    if (isReset) request.socket.resetAndDestroy();
  });
  request.on('end', () => response.end(String(bytes)));
}

/** Before the head of the answer, or in the middle of its body. */
function breakOff(request, response, body) {
  if (Math.random() < 0.5) return request.socket.resetAndDestroy();
  response.writeHead(200, { 'Content-Length': body.length });
  response.write(body.slice(0, body.length / 2), () => request.socket?.resetAndDestroy());
}

/** Ends only when the other side does. */
function stream(_request, response) {
  const more = () => {
    while (!response.destroyed && response.write(largeBody.subarray(0, 16_384)));
  };
  response.on('drain', more);
  more();
}

function notFound(_request, response) {
  response.writeHead(404).end();
}

function acceptWebSockets(server) {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    if (isUnlucky()) return socket.resetAndDestroy();
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => {});
      webSocket.on('message', (data) => {
        if (String(data) === 'die') socket.resetAndDestroy();
        else webSocket.send(String(data));
      });
    });
  });
}

function isUnlucky() {
  return Math.random() < resetShare;
}
