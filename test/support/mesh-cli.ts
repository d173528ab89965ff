import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
export const meshBin = join(root, 'bin', 'mesh.js');

/** A folder of its own for one journey, with the built command line run in it. Everything it started is ended with it. */
export class Journey implements AsyncDisposable {
  readonly directory: string;
  readonly #running: CliProcess[] = [];
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(directory: string, environment: Readonly<Record<string, string>>) {
    this.directory = directory;
    this.#environment = environment;
  }

  /**
   * @param file the text of mesh.yaml; ports that it leaves out should be 0
   * @param environment variables of its commands
   */
  static async begin(file?: string, environment: Readonly<Record<string, string>> = {}): Promise<Journey> {
    const journey = new Journey(await mkdtemp(join(tmpdir(), 'mesh-journey-')), environment);
    if (file !== undefined) await journey.write('mesh.yaml', file);
    return journey;
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.directory, name), text);
  }

  /** Copies something of the checkout, such as `examples`. */
  copy(name: string): Promise<void> {
    return cp(join(root, name), join(this.directory, name), {
      recursive: true,
    });
  }

  /** Starts a command that stays. */
  start(...args: string[]): CliProcess {
    const started = new CliProcess(spawn(process.execPath, [meshBin, ...args], this.#options()));
    this.#running.push(started);
    return started;
  }

  /** Runs a command to its end. */
  async run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const { code } = await this.start(...args).ended();
    const last = this.#running.at(-1);
    return { code, stdout: last?.stdout ?? '', stderr: last?.stderr ?? '' };
  }

  /** Runs a line of shell to its end; `$NODE` and `$MESH` are there. */
  async shell(line: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const options = this.#options();
    const env = { ...options.env, NODE: process.execPath, MESH: meshBin };
    const shell = new CliProcess(spawn('/bin/sh', ['-c', line], { ...options, env }));
    this.#running.push(shell);
    const { code } = await shell.ended();
    return { code, stdout: shell.stdout, stderr: shell.stderr };
  }

  /** `mesh up` in the foreground, when it has said that it is ready. */
  async up(...args: string[]): Promise<UpProcess> {
    const up = this.start('up', ...args);
    await up.says(/ready in/);
    const [, gateway = ''] = await up.says(/Gateway:\s+http:\/\/\S*?:(\d+)/);
    return Object.assign(up, { gatewayPort: Number(gateway) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) running.interrupt();
    await Promise.all(this.#running.map((running) => running.ended()));
    await rm(this.directory, { recursive: true, force: true });
  }

  #options(): SpawnOptions {
    const { PATH, HOME } = process.env;
    return {
      cwd: this.directory,
      env: { PATH, HOME, NO_COLOR: '1', ...this.#environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    };
  }
}

export type UpProcess = CliProcess & { gatewayPort: number };

export class CliProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<{
    code: number | null;
    signal: NodeJS.Signals | null;
  }>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until it has printed what matches, on either stream; says what it printed instead when it ends or 30 s pass. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const streams = [this.#child.stdout, this.#child.stderr];
      const look = () => {
        const match = pattern.exec(this.stdout + this.stderr);
        if (match !== null) settle(() => resolve(match));
      };
      const fail = (why: string) => () =>
        settle(() => reject(new Error(`${why} without saying ${pattern}\n${this.stdout}\n${this.stderr}`)));
      const settle = (act: () => void) => {
        clearTimeout(limit);
        for (const stream of streams) stream?.off('data', look);
        this.#child.off('close', onClose);
        act();
      };
      const onClose = fail('it ended');
      const limit = setTimeout(fail('30 s passed'), 30_000);
      for (const stream of streams) stream?.on('data', look);
      this.#child.once('close', onClose);
      look();
    });
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Its stdout is read no more, as by a pager that is not scrolled, until `readOn`. */
  stopReading(): void {
    this.#child.stdout?.pause();
  }

  readOn(): void {
    this.#child.stdout?.resume();
  }

  interrupt(): void {
    this.signal('SIGINT');
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
  }

  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#ended;
  }
}

/** A request to the gateway; `service` becomes the Host as a browser would send it. */
export function get(
  port: number,
  service: string,
  path = '/',
  agent?: http.Agent,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${service}.localhost:${port}` };
    http
      .get({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', reject);
      })
      .on('error', reject);
  });
}

/** A service in one line of shell-safe JavaScript: answers its name and pid, and is healthy. */
export function answering(text: string, delayMs = 0): string {
  const program = `const s=require('http').createServer((q,r)=>setTimeout(()=>r.end('${text} '+process.pid),${delayMs}));s.listen(process.env.PORT,'127.0.0.1');process.on('SIGTERM',()=>s.close(()=>process.exit(0)))`;
  return `${process.execPath} -e "${program}"`;
}
