import { setTimeout as pause } from 'node:timers/promises';
import { paths, prefix } from '../lib/contract.mjs';
import { usageOf } from '../lib/process-usage.mjs';
import { number, table } from '../lib/table.mjs';
import { runWrk } from '../lib/wrk.mjs';
import { startNginx } from '../upstreams/nginx.mjs';

const connections = 512;
/** Seconds of load between two looks at the count: wrk is bounded by time alone. */
const portion = 5;
/** Milliseconds in which nothing is asked: the mesh collects after a minute of them. */
const rest = 70_000;

/** What a gateway keeps in memory after so many small requests; one candidate after the other. Resolves with the table. */
export async function measureMemory(candidates, requests) {
  const upstream = await startNginx();
  const rows = [];
  for (const candidate of candidates) rows.push(await measure(candidate, upstream.port, requests));
  await upstream.child.stop();
  const heads = ['gateway', 'requests', 'RSS before', 'RSS after', 'at rest', 'highest RSS', 'trouble'];
  return `memory: GET, 50 bytes, ${connections} connections; MB\n\n${table(heads, rows, ['trouble'])}`;
}

async function measure(candidate, upstream, requests) {
  const { child, port } = await candidate.start(upstream);
  const before = usageOf(child.pid);
  const trouble = [];
  let count = 0;
  while (count < requests) {
    const portionOf = await runWrk({ port, path: prefix + paths.small, connections, seconds: portion });
    if (portionOf.count === 0) throw new Error(`${candidate.name} answers nothing`);
    count += portionOf.count;
    trouble.push(...portionOf.trouble);
    process.stderr.write(`memory ${candidate.name}: ${number(count)} of ${number(requests)}\n`);
  }
  await pause(2_000); // its clients have left; what that frees may be freed
  const after = usageOf(child.pid);
  await pause(rest);
  const rested = usageOf(child.pid);
  await child.stop();
  const figures = [before.rss, after.rss, rested.rss, rested.peak];
  return [candidate.name, number(count), ...figures.map(megabytes), trouble.join(', ')];
}

function megabytes(bytes) {
  return number(bytes / 1e6);
}
