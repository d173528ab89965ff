import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { processTree } from './process-usage.mjs';

/** The core of all that is not measured: the load and the upstream, and this program itself. */
export const loadCore = 0;
/** The core that a gateway has for itself. */
export const gatewayCore = 1;

const running = new Set();
const folders = new Set();

/** A process of its own on one core. It ends when this program does, however that ends. */
export class Child {
  #process;
  #name;
  #errors = '';

  constructor(core, command, args, { env = {}, ipc = false } = {}) {
    // The kernel ends it if we are killed; everything else is seen to below.
    const wrapped = ['--pdeathsig', 'TERM', 'taskset', '-c', String(core), command, ...args];
    this.#name = basename(args.find((arg) => arg.endsWith('.mjs')) ?? command);
    this.#process = spawn('setpriv', wrapped, {
      env: { ...process.env, NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc'] : [])],
    });
    this.#process.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#process.stdout.on('error', () => {});
    this.#process.on('error', () => {}); // `close` follows
    running.add(this);
    this.#process.once('close', () => running.delete(this));
  }

  get pid() {
    return this.#process.pid;
  }

  get hasEnded() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Its first line on stdout. @throws when it ends without a word, or says none for ten seconds */
  async firstLine() {
    const patience = setTimeout(() => this.kill(), 10_000);
    try {
      for await (const line of createInterface({ input: this.#process.stdout })) return line;
    } finally {
      clearTimeout(patience);
    }
    throw new Error(this.obituary);
  }

  /** All that it writes to stdout until it ends. @throws when it ends with an error */
  async output() {
    let text = '';
    this.#process.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    if (!this.hasEnded) await once(this.#process, 'close');
    if (this.#process.exitCode !== 0) throw new Error(this.obituary);
    return text;
  }

  /** One question over IPC, and its answer. @throws when there is none for ten seconds */
  async ask(question) {
    this.#process.send(question);
    const [answer] = await once(this.#process, 'message', { signal: AbortSignal.timeout(10_000) });
    return answer;
  }

  /** Asks it to end, and makes it when it does not listen. */
  async stop() {
    if (this.hasEnded) return;
    const tree = processTree(this.pid);
    const patience = setTimeout(() => endEach(tree, 'SIGKILL'), 2_000);
    const closed = once(this.#process, 'close');
    this.#process.kill('SIGTERM');
    await closed;
    clearTimeout(patience);
  }

  /** Ends it and its workers at once. */
  kill() {
    if (this.pid !== undefined && !this.hasEnded) endEach(processTree(this.pid), 'SIGKILL');
  }

  /** How it ended, and what it said last. */
  get obituary() {
    const { exitCode, signalCode } = this.#process;
    return `${this.#name} ended with ${exitCode ?? signalCode}: ${this.#errors.trim()}`;
  }
}

/** A folder that is gone when this program has ended. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-bench-'));
  folders.add(folder);
  return folder;
}

/** This program leaves the gateway's core alone, too. */
export function stayOffGatewayCore() {
  spawnSync('taskset', ['-a', '-cp', String(loadCore), String(process.pid)]);
}

process.once('exit', () => {
  for (const child of running) child.kill();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

function endEach(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // it has ended already
    }
  }
}
