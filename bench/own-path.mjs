// What the gateway's own code takes for a request: everything but the system, Node's sockets and the waiting.
// node bench/own-path.mjs [--dists dist,/other/checkout/dist] [--rounds 5]. The first is what the others are compared with.
import { resolve } from 'node:path';
import { Child, gatewayCore, stayOffGatewayCore } from './lib/children.mjs';
import { readArguments, wholeNumber } from './lib/command-line.mjs';
import { requireMachine } from './lib/programs.mjs';
import { median } from './lib/statistics.mjs';
import { number, table } from './lib/table.mjs';
import { clients } from './own-path/clients.mjs';

const program = new URL('own-path/one-build.mjs', import.meta.url).pathname;

requireMachine('taskset', 'setpriv');
const dists = { fallback: ['dist'], read: (text) => text.split(','), expected: 'folders, with commas between them' };
const options = readArguments({ dists, rounds: wholeNumber(5) });
stayOffGatewayCore();
for (const client of Object.keys(clients)) {
  const builds = options.dists.map((dist) => ({ dist, times: [] }));
  for (let round = 0; round < options.rounds; round++)
    for (let turn = 0; turn < builds.length; turn++) await measure(builds[(round + turn) % builds.length], client);
  console.log(`\nA client like ${client}; medians of ${options.rounds} processes each\n`);
  console.log(
    table(
      ['build', 'CPU µs/request', 'of the first'],
      builds.map((build) => rowOf(build, builds[0])),
    ),
  );
}

/** A new process each time: what V8 makes of the same code differs by a tenth between two of them. */
async function measure({ dist, times }, client) {
  times.push(Number(await new Child(gatewayCore, process.execPath, [program, resolve(dist), client]).output()));
}

function rowOf({ dist, times }, first) {
  return [dist, number(median(times), 2), number(median(times) / median(first.times), 2)];
}
