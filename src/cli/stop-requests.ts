import type { EndSignal, Terminal } from './terminal.js';
import { signalExitCodes } from './terminal.js';

/** `npm start` hands on the Ctrl-C that the terminal has sent to everybody already: within this many milliseconds it is the same one. */
const sameKeystroke = 300;

/** People asking a long-running command to end: the first time in good order, the second time at once. */
export class StopRequests {
  /** Resolves with the first request. */
  readonly first: Promise<undefined>;
  /** Resolves with the exit code of the signal that asked again. */
  readonly second: Promise<number>;
  /** Of a command that ended in good order: 0, for Ctrl-C is how one ends it; 129 when its terminal went away. */
  exitCode = 0;
  /** The signal that asked first; undefined when it was none. */
  signal: EndSignal | undefined;
  readonly #terminal: Terminal;
  readonly #ends: Array<() => void>;
  #firstAt: number | undefined;
  #resolveFirst: (nothing: undefined) => void = () => {};
  #resolveSecond: (exitCode: number) => void = () => {};

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.first = new Promise((resolve) => {
      this.#resolveFirst = resolve;
    });
    this.second = new Promise((resolve) => {
      this.#resolveSecond = resolve;
    });
    const onClosed = () => {
      if (terminal.stdout.isTerminal) this.exitCode = signalExitCodes.SIGHUP; // gone without a signal
      this.request();
    };
    terminal.closed.addEventListener('abort', onClosed);
    this.#ends = [
      () => terminal.closed.removeEventListener('abort', onClosed),
      terminal.onSignal('SIGINT', () => this.#insist('SIGINT')),
      terminal.onSignal('SIGTERM', () => this.#insist('SIGTERM')),
      // A terminal that is closed says so more than once, and means no harm by it.
      terminal.onSignal('SIGHUP', () => {
        this.exitCode = signalExitCodes.SIGHUP;
        this.#requestBy('SIGHUP');
      }),
    ];
  }

  /** Asks in good order; asking twice is no more. */
  request(): void {
    this.#firstAt ??= this.#terminal.now();
    this.#resolveFirst(undefined);
  }

  get requested(): boolean {
    return this.#firstAt !== undefined;
  }

  /** From now on a signal does what it does by default. */
  close(): void {
    for (const end of this.#ends) end();
  }

  #insist(signal: EndSignal): void {
    const isAgain = this.#firstAt !== undefined && this.#terminal.now() - this.#firstAt > sameKeystroke;
    if (isAgain) this.#resolveSecond(signalExitCodes[signal]);
    else this.#requestBy(signal);
  }

  #requestBy(signal: EndSignal): void {
    if (!this.requested) this.signal = signal;
    this.request();
  }
}
