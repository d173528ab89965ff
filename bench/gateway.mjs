// Our gateway beside its peers, each with a core of its own and the same load from the other core.
// node bench/gateway.mjs [--rounds N] [--seconds N] [--candidates a,b] [--requests N] [scenario…]
import { candidates as allCandidates } from './candidates/index.mjs';
import { stayOffGatewayCore } from './lib/children.mjs';
import { readArguments, someOf, wholeNumber } from './lib/command-line.mjs';
import { comparison } from './lib/comparison.mjs';
import { requireMachine } from './lib/programs.mjs';
import { measureRounds } from './lib/rounds.mjs';
import { scenarios } from './scenarios/index.mjs';
import { measureMemory } from './scenarios/memory.mjs';

try {
  await main();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}

async function main() {
  requireMachine('wrk', 'nginx', 'taskset', 'setpriv');
  const { rounds, seconds, requests, candidates, positionals } = readArguments(
    {
      rounds: wholeNumber(5),
      seconds: wholeNumber(3, 2), // in less, the ticks of processor time are too coarse
      requests: wholeNumber(1_000_000), // of `memory` alone
      candidates: someOf(allCandidates.map(({ name }) => name)),
    },
    { names: [...Object.keys(scenarios), 'memory'] },
  );
  stayOffGatewayCore();
  const wanted = positionals.length > 0 ? positionals : Object.keys(scenarios);
  const compared = installed(candidates);
  console.log(`Node ${process.version}`);
  for (const name of wanted) {
    if (name === 'memory') {
      console.log(`\n${await measureMemory(candidates === undefined ? installed(['mesh']) : compared, requests)}`);
      continue;
    }
    const report = (step) => process.stderr.write(`${name}: ${step}\n`);
    const runners = await measureRounds(scenarios[name], compared, { rounds, seconds, report });
    console.log(`\n${name}: ${scenarios[name].title}; medians of ${rounds} rounds of ${seconds} s\n`);
    console.log(comparison(scenarios[name], runners));
  }
}

function installed(names) {
  const asked = allCandidates.filter(({ name }) => names === undefined || names.includes(name));
  for (const { name, isInstalled } of asked) if (!isInstalled) console.log(`${name} is not installed and left out`);
  return asked.filter(({ isInstalled }) => isInstalled);
}
