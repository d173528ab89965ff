// WebSocket load: each socket sends a short message, waits for its echo, and sends the next.
// Arguments: port, path, sockets, seconds. Prints one JSON document.
import { createHistogram, performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import { fields } from '../lib/contract.mjs';

const [port, path, sockets, seconds] = process.argv.slice(2);
const latency = createHistogram();
const trouble = new Map();
let count = 0;
let isOver = false;

const start = performance.now();
const open = Array.from({ length: Number(sockets) }, (_, id) => talk(id));
setTimeout(report, Number(seconds) * 1_000);

function talk(id) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: fields, perMessageDeflate: false });
  let turn = 0;
  let sentAt = 0;
  let sent = '';
  const next = () => {
    sent = `message ${turn++} of socket ${id}`;
    sentAt = performance.now();
    socket.send(sent);
  };
  socket.on('open', next);
  socket.on('message', (data) => {
    if (isOver) return;
    if (data.toString() !== sent) note('wrong echoes');
    latency.record(Math.max(1, Math.round((performance.now() - sentAt) * 1e6)));
    count++;
    next();
  });
  socket.on('error', () => note('sockets refused or broken'));
  socket.on('close', () => note('sockets closed'));
  return socket;
}

function note(what) {
  if (!isOver) trouble.set(what, (trouble.get(what) ?? 0) + 1);
}

function report() {
  isOver = true;
  const elapsed = (performance.now() - start) / 1_000;
  const milliseconds = (percentile) => (count === 0 ? 0 : latency.percentile(percentile) / 1e6);
  const words = [...trouble].map(([what, times]) => `${times} ${what}`);
  for (const socket of open) socket.terminate();
  console.log(
    JSON.stringify({ count, seconds: elapsed, p50: milliseconds(50), p99: milliseconds(99), trouble: words }),
  );
}
