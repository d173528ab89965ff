import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const run = promisify(execFile);

/** A real terminal with a shell in it, on a server of its own that ends with it. */
export class TmuxSession implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param folder where its socket is, and where the shell begins */
  static async open(folder: string, environment: Readonly<Record<string, string>> = {}): Promise<TmuxSession> {
    const session = new TmuxSession(folder);
    const settings = Object.entries({ LANG: 'C.UTF-8', PS1: 'prompt> ', ...environment });
    const given = settings.flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const size = ['-x', '80', '-y', '24'];
    const shell = ['bash', '--noprofile', '--norc', '-i'];
    await session.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-s',
      'test',
      ...size,
      '-c',
      folder,
      ...given,
      ...shell,
    );
    await session.shows(/prompt>/);
    return session;
  }

  /** Keys by the names that tmux has for them: `q`, `Enter`, `C-z`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', '-t', 'test', ...keys);
  }

  /** A line for the shell. */
  async type(line: string): Promise<void> {
    await this.#tmux('send-keys', '-t', 'test', '-l', line);
    await this.press('Enter');
  }

  /** What stands on the screen. */
  async screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-t', 'test');
  }

  /** Waits until the screen shows that. */
  async shows(pattern: RegExp): Promise<void> {
    await expect.poll(() => this.screen(), { timeout: 20_000 }).toMatch(pattern);
  }

  async showsNo(pattern: RegExp): Promise<void> {
    await expect.poll(() => this.screen(), { timeout: 20_000 }).not.toMatch(pattern);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-t', 'test', '-x', String(columns), '-y', String(rows));
  }

  /** The modes of the terminal: the cursor is shown, the other screen is on, lines are wrapped. */
  async modes(): Promise<{ cursor: boolean; alternate: boolean; wrap: boolean }> {
    const format = '#{cursor_flag} #{alternate_on} #{wrap_flag}';
    const [cursor, alternate, wrap] = (await this.#tmux('display-message', '-p', '-t', 'test', format))
      .trim()
      .split(' ');
    return { cursor: cursor === '1', alternate: alternate === '1', wrap: wrap === '1' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server');
  }

  async #tmux(...args: string[]): Promise<string> {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, TERM: 'xterm-256color', LANG: 'C.UTF-8' };
    return (await run('tmux', ['-S', join(this.#folder, 'tmux.socket'), ...args], { env })).stdout;
  }
}
