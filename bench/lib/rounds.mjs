import { setTimeout as pause } from 'node:timers/promises';
import { usageOf } from './process-usage.mjs';

/** Milliseconds between two loads, for what the last one leaves behind. */
const breath = 200;

/**
 * Measures every candidate once in each round. All of them run from the beginning to the end, so that each is warm; only
 * one has work at a time. Each round begins with another one: whoever comes first or last has no advantage of it.
 *
 * @param report told of each step
 * @returns for each candidate `{ name, rounds, trouble }`; `rounds[i]` is undefined where it could not be measured
 */
export async function measureRounds(scenario, candidates, { rounds, seconds, report }) {
  const upstream = await scenario.startUpstream();
  const runners = [];
  for (const candidate of candidates) {
    report(`${candidate.name}: start, check, warm up`);
    runners.push(await prepare(candidate, scenario, upstream.port, seconds));
  }
  for (let round = 0; round < rounds; round++) {
    const first = round % runners.length;
    for (const runner of [...runners.slice(first), ...runners.slice(0, first)]) {
      if (runner.child === undefined) continue;
      report(`round ${round + 1} of ${rounds}: ${runner.name}`);
      await pause(breath);
      runner.rounds[round] = await attempt(runner, () => measure(runner, scenario, seconds));
    }
  }
  for (const { child } of [...runners, upstream]) await child?.stop();
  return runners;
}

/** One that does not proxy is not measured. */
async function prepare(candidate, scenario, upstream, seconds) {
  const runner = { name: candidate.name, rounds: [], trouble: [], child: undefined, port: 0 };
  await attempt(runner, async () => {
    const { child, port } = await candidate.start(upstream);
    const defect = await scenario.check(port, upstream).catch((error) => error.message);
    if (defect === undefined) {
      Object.assign(runner, { child, port });
      await scenario.load(port, Math.min(2, seconds));
    } else {
      runner.trouble.push(`not measured: ${defect}`);
      await child.stop();
    }
  });
  return runner;
}

async function measure(runner, scenario, seconds) {
  const before = usageOf(runner.child.pid);
  const result = await scenario.load(runner.port, seconds);
  const after = usageOf(runner.child.pid);
  runner.trouble.push(...result.trouble);
  if (runner.child.hasEnded) throw new Error('it has ended under load');
  if (result.count === 0) throw new Error('nothing was answered');
  return {
    cpu: ((after.cpu - before.cpu) * 1e6) / result.count,
    rate: result.count / result.seconds,
    throughput: (result.bytes ?? 0) / result.seconds,
    p50: result.p50,
    p99: result.p99,
    rss: after.rss,
  };
}

/** A failure is the candidate's own, and beside its row; in full on stderr. */
async function attempt(runner, act) {
  try {
    return await act();
  } catch (error) {
    console.error(error.message);
    runner.trouble.push(error.message.replace(/\s+/g, ' ').slice(0, 100));
    return undefined;
  }
}
