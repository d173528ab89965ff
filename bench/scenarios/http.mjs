import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { fields, prefix } from '../lib/contract.mjs';
import { runWrk } from '../lib/wrk.mjs';
import { startNginx } from '../upstreams/nginx.mjs';

/** A scenario of plain requests: `asked` says what is sent by how many, `answers.bytes` how long a right answer is. */
export function http({ title, answers, showsThroughput = false, ...asked }) {
  return {
    title,
    unit: 'request',
    showsThroughput,
    startUpstream: startNginx,
    check: (port, upstream) => check({ port, upstream, answers, ...asked }),
    load: (port, seconds) => runWrk({ ...asked, path: prefix + asked.path, port, seconds }),
  };
}

/** What is wrong with the answer through the gateway, beside that of the upstream itself; undefined when nothing is. */
async function check({ port, upstream, answers, path, method = 'GET', size = 0 }) {
  const right = await send(upstream, { path, method, size });
  const answer = await send(port, { path: prefix + path, method, size });
  if (answer.status !== 200) return `answers ${answer.status}`;
  if (answer.body.length !== answers.bytes || !answer.body.equals(right.body)) return 'answers with another body';
  if (size > 0 && !(answer.received >= size)) return 'did not pass the whole body on';
  return undefined;
}

async function send(port, { path, method, size }) {
  const message = await new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers: fields, agent: false, timeout: 5_000 };
    const sent = request(options, resolve).once('error', reject);
    sent.once('timeout', () => sent.destroy(new Error('no answer in 5 s')));
    sent.end(Buffer.alloc(size, 'x'));
  });
  const body = await buffer(message);
  return { status: message.statusCode, received: Number(message.headers['x-received']), body };
}
