import type { AdminClient } from '../../admin/client.js';
import type { LogEventView } from '../../admin/logs-wire.js';
import { MeshError } from '../../foundation/errors.js';
import type { Terminal } from '../terminal.js';
import type { LogEntry } from './state.js';
import type { Message } from './step.js';

/** Lines that were printed before somebody looked. */
const tail = 500;

/** Milliseconds in which lines are collected: the eye reads no faster. */
const collecting = 100;

/** Lines in that time. What is printed faster is not taken from the mesh, which counts what is left out. */
const mostAtOnce = 500;

type LogSource = Pick<AdminClient, 'followLogs'>;

/** Follows the output of one service or process at a time, and tells of it in batches. */
export class LogReader {
  readonly #terminal: Terminal;
  readonly #tell: (message: Message) => void;
  #reading = new AbortController();

  constructor(terminal: Terminal, tell: (message: Message) => void) {
    this.#terminal = terminal;
    this.#tell = tell;
  }

  follow(client: LogSource, target: string): void {
    this.stop();
    this.#reading = new AbortController();
    void this.#read(client, target, this.#reading.signal);
  }

  stop(): void {
    this.#reading.abort();
  }

  async #read(client: LogSource, target: string, signal: AbortSignal): Promise<void> {
    const collected: LogEntry[] = [];
    let told = Promise.resolve();
    const tell = () => {
      if (!signal.aborted) this.#tell({ kind: 'logged', target, entries: collected.splice(0) });
    };
    try {
      for await (const event of client.followLogs({ services: [target], tail }, signal)) {
        if (event.type === 'live' || event.type === 'end') continue;
        collected.push(entryOf(event));
        if (collected.length === 1) told = this.#terminal.pause(collecting, signal).then(tell);
        if (collected.length >= mostAtOnce) await told;
      }
      await told;
      this.#end(target, 'the mesh has ended', signal);
    } catch (thrown) {
      if (!(thrown instanceof MeshError)) throw thrown;
      await told;
      this.#end(target, thrown.message, signal);
    }
  }

  #end(target: string, why: string, signal: AbortSignal): void {
    if (!signal.aborted) this.#tell({ kind: 'log-ended', target, why });
  }
}

/** Characters of a line: wider than any screen, and bounded where a program prints a megabyte without a break. */
const longestLine = 2_000;

function entryOf(event: Extract<LogEventView, { type: 'line' | 'skipped' }>): LogEntry {
  if (event.type === 'skipped') return { kind: 'skipped', count: event.count };
  const { type: _, ...line } = event;
  return { kind: 'line', line: { ...line, text: line.text.slice(0, longestLine) } };
}
