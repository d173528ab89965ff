import type { Key } from './keys.js';
import type { Frame } from './render/frame.js';
import { beginUpdate, clearScreen, endUpdate, enterScreen, frameDifference, leaveScreen } from './render/frame.js';
import type { Terminal } from './terminal.js';

/** Characters. A terminal that is stopped (Ctrl-S) gets the newest picture when it goes on, and not all that it missed. */
const longestBacklog = 10_000;

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ScreenReader {
  /** Every key but Ctrl-Z, which the screen obeys itself. */
  onKey(key: Key): void;
  /** The screen has another size, is back, or can be written to again: it wants a picture. */
  onBlank(): void;
}

/** Can it have a screen of its own? */
export function hasScreen({ isInteractive, environment }: Terminal): boolean {
  return isInteractive && environment.TERM !== 'dumb'; // the terminal of an editor: it knows lines alone
}

/**
 * A screen of its own on the terminal, from `open` to `close`; only the lines that changed are written. The terminal is
 * given back whatever ends the program, but for SIGKILL, and for as long as it is stopped.
 */
export class Screen {
  readonly #terminal: Terminal;
  readonly #reader: ScreenReader;
  #state: 'closed' | 'open' | 'aside' = 'closed';
  #shown: Frame = [];
  #isBlank = false;
  #isAwaited = false;
  #offs: ReadonlyArray<() => void> = [];
  #offInput: ReadonlyArray<() => void> = [];

  constructor(terminal: Terminal, reader: ScreenReader) {
    this.#terminal = terminal;
    this.#reader = reader;
  }

  get size(): ScreenSize {
    const { stdout } = this.#terminal;
    return { columns: stdout.columns(), rows: stdout.rows() };
  }

  open(): void {
    const { onResize, onContinue, atExit } = this.#terminal;
    this.#offs = [onResize(() => this.#renew()), onContinue(() => this.#goOn()), atExit(leaveScreen)];
    this.#enter();
  }

  close(): void {
    if (this.#state === 'open') this.#leave();
    this.#state = 'closed';
    for (const off of this.#offs) off();
  }

  draw(next: Frame): void {
    if (this.#state !== 'open') return;
    const { stdout } = this.#terminal;
    if (stdout.backlog() > longestBacklog) {
      this.#drawLater();
      return;
    }
    const difference = (this.#isBlank ? clearScreen : '') + frameDifference(this.#shown, next, stdout.columns());
    if (difference !== '') stdout.write(beginUpdate + difference + endUpdate);
    this.#shown = next;
    this.#isBlank = false;
  }

  /** The next picture is drawn as a whole: something else has written here. */
  wipe(): void {
    this.#shown = [];
    this.#isBlank = true;
  }

  #drawLater(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    void this.#terminal.stdout.flushed().then(() => {
      this.#isAwaited = false;
      if (this.#state === 'open') this.#reader.onBlank();
    });
  }

  /** Raw mode comes first: a program in the background is stopped there, before it has written anything. */
  #enter(): void {
    const { onKey, onStop, stdout } = this.#terminal;
    this.#offInput = [onKey((key) => this.#press(key)), onStop(() => void this.#stepAside())];
    this.#state = 'open';
    stdout.write(enterScreen);
    this.#shown = [];
    this.#isBlank = false; // entering has cleared it
  }

  #leave(): void {
    for (const off of this.#offInput) off();
    this.#terminal.stdout.write(leaveScreen);
  }

  #renew(): void {
    this.wipe();
    this.#reader.onBlank();
  }

  #press(key: Key): void {
    if (key.kind === 'ctrl-z') void this.#stepAside();
    else this.#reader.onKey(key);
  }

  async #stepAside(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'aside';
    this.#leave();
    await this.#terminal.stdout.flushed();
    await this.#terminal.suspend();
    if (this.#isClosed) return;
    this.#enter();
    this.#reader.onBlank();
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Stopped by a signal that nobody can handle (SIGSTOP): the shell has had the terminal, and has left it as shells do. */
  #goOn(): void {
    if (this.#state !== 'open') return;
    this.#leave();
    this.#enter();
    this.#reader.onBlank();
  }
}
