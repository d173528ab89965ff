import { readdirSync, readFileSync } from 'node:fs';
import { readStat } from '../foundation/proc-stat.js';
import type { ProcessStatus } from './process-state.js';

/** What a program of the mesh takes of the machine, with everything that it has started. */
export interface ProcessNumbers {
  readonly service: string;
  readonly replica: string;
  readonly restarts: number;
  /** Over all its starts, as far as anybody looked; undefined on other systems than Linux. */
  readonly cpuSeconds: number | undefined;
  /** undefined while it does not run, and on other systems than Linux. */
  readonly residentBytes: number | undefined;
}

/** Linux counts processor time in hundredths of a second, whatever the machine (USER_HZ). */
const ticksPerSecond = 100;

/** Where `readStat` has them. */
const group = 2;
const processorTimes = [11, 12, 13, 14]; // user, system, and the same of those that have ended and were waited for

/** Looks at the programs when it is asked. What it has seen of one that was started again counts on. */
export class ProcessMeter {
  /** By replica. */
  readonly #clocks = new Map<string, ProcessorClock>();

  read(statuses: readonly ProcessStatus[]): ProcessNumbers[] {
    const groups = usageOf(new Set(statuses.flatMap(({ state }) => ('pid' in state ? state.pid : []))));
    const names = new Set(statuses.map(({ replica }) => replica));
    for (const replica of this.#clocks.keys()) if (!names.has(replica)) this.#clocks.delete(replica);
    return statuses.map(({ service, replica, state, restarts }) => {
      const usage = 'pid' in state ? groups.get(state.pid) : undefined;
      if ('pid' in state && usage !== undefined) this.#clockOf(replica).saw(state.pid, usage.cpuSeconds);
      const cpuSeconds = this.#clocks.get(replica)?.seconds;
      return { service, replica, restarts, cpuSeconds, residentBytes: usage?.residentBytes };
    });
  }

  #clockOf(replica: string): ProcessorClock {
    const known = this.#clocks.get(replica) ?? new ProcessorClock();
    this.#clocks.set(replica, known);
    return known;
  }
}

/** Processor time that never falls, though the processes that it is the sum of come and go. */
class ProcessorClock {
  #pid = 0;
  /** Of the programs before. */
  #earlier = 0;
  #current = 0;

  get seconds(): number {
    return this.#earlier + this.#current;
  }

  saw(pid: number, seconds: number): void {
    if (pid !== this.#pid) {
      this.#earlier += this.#current;
      this.#current = 0;
      this.#pid = pid;
    }
    this.#current = Math.max(this.#current, seconds);
  }
}

interface Usage {
  cpuSeconds: number;
  residentBytes: number;
}

/** Of whole process groups, by their leader: a program that is run by a shell or by npm is not the one that works. */
function usageOf(leaders: ReadonlySet<number>): Map<number, Usage> {
  const groups = new Map<number, Usage>();
  if (leaders.size === 0) return groups;
  for (const pid of processes()) {
    const stat = readStat(pid) ?? [];
    const leader = Number(stat[group]);
    if (!leaders.has(leader)) continue;
    const usage = groups.get(leader) ?? { cpuSeconds: 0, residentBytes: 0 };
    for (const at of processorTimes) usage.cpuSeconds += Number(stat[at] ?? 0) / ticksPerSecond;
    usage.residentBytes += residentBytes(pid);
    groups.set(leader, usage);
  }
  return groups;
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // not Linux
  }
}

/** Not the pages of `stat`: how large one is, is nowhere to be read. */
function residentBytes(pid: string): number {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return Number(kibibytes ?? 0) * 1_024;
  } catch {
    return 0; // it has ended meanwhile
  }
}
