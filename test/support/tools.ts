import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Address } from '../../src/foundation/address.js';

/** Whether this machine has the command: `test.skipIf(!tool('ab'))`. It is looked for once. */
export function tool(name: string): boolean {
  const known = found.get(name) ?? (process.env.PATH ?? '').split(delimiter).some((folder) => isProgram(folder, name));
  found.set(name, known);
  return known;
}

const found = new Map<string, boolean>();

function isProgram(folder: string, name: string): boolean {
  try {
    accessSync(join(folder, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Without the proxies of whoever runs the tests. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));

export interface Ran {
  readonly code: number | null;
  readonly stdout: Buffer;
  /** What it wrote to stdout, as text. */
  readonly text: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code, and no longer than the test. */
export async function run(command: string, args: string[], input: string | Buffer = ''): Promise<Ran> {
  const child = spawn(command, args, { env: environment });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => {}); // it may end without having read all
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([buffer(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, text: stdout.toString(), stderr };
}

/** A program that runs beside a test, and ends with it. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves with the program and the words by which it said that it is ready, on stdout or stderr. */
  static async start(command: string, args: string[], ready: RegExp): Promise<[Program, RegExpExecArray]> {
    const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL')); // a test that hangs disposes of nothing
    let said = '';
    const match = await new Promise<RegExpExecArray>((resolve, reject) => {
      const listen = (chunk: Buffer) => {
        said += chunk.toString();
        const words = ready.exec(said);
        if (words !== null) resolve(words);
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.once('error', reject);
      child.once('close', (code) => reject(new Error(`${command} ended with ${code}: ${said}`)));
    });
    return [new Program(child), match];
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** A folder of its own, that is gone after the test. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    const folder = new Folder(await mkdtemp(join(tmpdir(), 'mesh-test-')));
    onTestFinished(() => folder[Symbol.asyncDispose]()); // a test that hangs disposes of nothing
    return folder;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

export function urlOf({ host, port }: Address, path = '/'): string {
  return `http://${host}:${port}${path}`;
}
