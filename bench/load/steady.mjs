// Load at a steady rate, whatever the answers do (an open loop): a request that waits does not hold back the next one.
// Arguments: port, path, requests per second, seconds. Prints one JSON document.
import { Agent, get } from 'node:http';
import { createHistogram, performance } from 'node:perf_hooks';
import { fields } from '../lib/contract.mjs';

/** Milliseconds between two looks at how many are due. */
const tick = 2;
/** Milliseconds for the last answers to come. */
const patience = 1_000;

const [port, path, rate, seconds] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const latency = createHistogram();
const due = Number(rate) * Number(seconds);
let sent = 0;
let count = 0;
let failed = 0;

const begin = performance.now();
const ticking = setInterval(() => {
  const now = Math.min(due, Math.floor(((performance.now() - begin) / 1_000) * Number(rate)));
  while (sent < now) ask();
  if (sent < due) return;
  clearInterval(ticking);
  setTimeout(report, patience);
}, tick);

function ask() {
  sent++;
  const sentAt = performance.now();
  const request = get({ port, path, host: '127.0.0.1', headers: fields, agent }, (answer) => {
    answer.resume().once('end', () => {
      latency.record(Math.max(1, Math.round((performance.now() - sentAt) * 1e6)));
      count++;
      if (answer.statusCode !== 200) failed++;
      if (count === due) report();
    });
  });
  request.once('error', () => failed++);
}

function report() {
  const trouble = failed + sent - count;
  const milliseconds = (percentile) => latency.percentile(percentile) / 1e6;
  console.log(JSON.stringify({ count, p50: milliseconds(50), p99: milliseconds(99), trouble }));
  process.exit();
}
