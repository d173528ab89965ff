import type { EndSignal, Terminal } from './terminal.js';
import { signalExitCodes } from './terminal.js';

/** The end of a command that runs until a key, a signal, or nobody reading any more; and the exit code that goes with it. */
export class Ending {
  exitCode = 0;
  readonly #controller = new AbortController();
  readonly #offs: ReadonlyArray<() => void>;

  constructor(terminal: Terminal) {
    // A terminal that is gone is not always told of by a signal: it is the same end, and the way out of bin/mesh.js, too.
    const onClosed = () => this.come(terminal.stdout.isTerminal ? signalExitCodes.SIGHUP : 0);
    terminal.closed.addEventListener('abort', onClosed);
    const signals: EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    this.#offs = [
      () => terminal.closed.removeEventListener('abort', onClosed),
      ...signals.map((signal) => terminal.onSignal(signal, () => this.come(signalExitCodes[signal]))),
    ];
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get hasCome(): boolean {
    return this.#controller.signal.aborted;
  }

  come(exitCode: number): void {
    if (!this.hasCome) this.exitCode = exitCode;
    this.#controller.abort();
  }

  /** From now on a signal does what it does by default. */
  close(): void {
    for (const off of this.#offs) off();
  }
}
