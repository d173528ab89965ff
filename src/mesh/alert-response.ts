import { join } from 'node:path';
import type { Control } from '../admin/control.js';
import { runOneOff } from '../supervisor/one-off.js';
import type { AlertWatch } from '../telemetry/alerts/alert-watch.js';
import type { AlertCommand, CommandEnd } from '../telemetry/alerts/notifier.js';
import { Notifier } from '../telemetry/alerts/notifier.js';
import { alertsControlOf } from './alerts-view.js';
import type { Rooms } from './assemble.js';
import { freezeEvidence } from './evidence.js';
import { EvidenceBook } from './evidence-book.js';
import { EvidenceFolder } from './evidence-folder.js';
import { narrateAlertOutput, narrateMesh } from './narrate.js';
import { stateFolder } from './state-folder.js';

export interface AlertResponseHooks {
  readonly adminUrl: () => string;
  /** Of commands that tell of alerts. */
  readonly environment: () => Readonly<Record<string, string>>;
}

/** What is done when an alert fires, or fires no more: its evidence is frozen, and receivers are told. */
export class AlertResponse {
  readonly control: Pick<Control, 'alerts' | 'alert'>;
  readonly #rooms: Rooms;
  readonly #hooks: AlertResponseHooks;
  readonly #notifier: Notifier;
  readonly #evidence: EvidenceBook;
  readonly #unfollow: () => void;

  constructor(rooms: Rooms, watch: Pick<AlertWatch, 'alerts' | 'on'>, hooks: AlertResponseHooks) {
    this.#rooms = rooms;
    this.#hooks = hooks;
    const { clock, snapshot } = rooms;
    const warn = (message: string) => rooms.events.emit('event', narrateMesh('warning', message, clock.now()));
    this.#notifier = new Notifier({
      clock,
      warn,
      adminUrl: hooks.adminUrl,
      run: (command, signal) => this.#run(command, signal),
    });
    this.#evidence = new EvidenceBook({
      freeze: (change) => freezeEvidence(rooms, change),
      folder:
        snapshot.file === undefined
          ? undefined // a mesh of a program leaves nothing behind
          : new EvidenceFolder(join(stateFolder(snapshot.directory), 'alerts'), { clock, warn }),
    });
    this.control = alertsControlOf({
      alerts: () => watch.alerts,
      notifier: this.#notifier,
      evidence: this.#evidence,
    });
    this.#unfollow = watch.on((change) => {
      this.#evidence.take(change);
      this.#notifier.tell(change);
    });
  }

  async close(): Promise<void> {
    this.#unfollow();
    await Promise.all([this.#notifier.close(), this.#evidence.close()]);
  }

  /** What it prints is news of the mesh. */
  #run({ command, directory, variables, input, alert }: AlertCommand, signal: AbortSignal): Promise<CommandEnd> {
    const { clock, events } = this.#rooms;
    const environment = { ...this.#hooks.environment(), ...variables };
    const onLine = (text: string) => events.emit('event', narrateAlertOutput(alert, text, clock.now()));
    return runOneOff({ command, directory, environment, input, clock, onLine }, signal);
  }
}
