import type { EvidenceView } from '../admin/alerts-wire.js';
import { schemaVersion } from '../admin/schema-version.js';
import { RingBuffer } from '../foundation/ring-buffer.js';
import type { AlertChange } from '../telemetry/alerts/alert.js';
import type { EvidenceFolder } from './evidence-folder.js';

/** What is found when an alert fires; `file` is known when it is written. */
type Evidence = Omit<EvidenceView, 'file'>;

export interface EvidenceBookRooms {
  readonly freeze: (change: AlertChange) => Evidence;
  /** undefined: nothing is kept on disk. */
  readonly folder: EvidenceFolder | undefined;
}

/** Over all alerts. It is also how many wait to be taken down, where a whole shop fails at once: what is kept is bounded, and so is the work. */
const kept = 20;

/**
 * What was found when alerts fired, the newest of it. Each is taken down in a turn of the event loop of its own, a
 * moment after the alert: requests go on in between.
 */
export class EvidenceBook {
  readonly #rooms: EvidenceBookRooms;
  readonly #kept = new RingBuffer<Entry>(kept);
  readonly #waiting: AlertChange[] = [];

  constructor(rooms: EvidenceBookRooms) {
    this.#rooms = rooms;
  }

  take(change: AlertChange): void {
    if (change.alert.state.kind !== 'firing' || this.#waiting.length === kept) return;
    this.#waiting.push(change);
    if (this.#waiting.length === 1) setImmediate(() => this.#takeNext());
  }

  /** @param service undefined is whichever fired last */
  newest(name: string, service: string | undefined): EvidenceView | undefined {
    const found = [...this.#kept].filter(
      ({ evidence: { alert } }) => alert.name === name && (service === undefined || alert.service === service),
    );
    const entry = found.at(-1);
    return entry && { ...entry.evidence, file: entry.file };
  }

  /** Resolves when all is taken down and written; a disk that does not take it is not waited for. */
  async close(): Promise<void> {
    while (this.#waiting.length > 0) this.#takeNext();
    await this.#rooms.folder?.close();
  }

  #takeNext(): void {
    const [change] = this.#waiting;
    if (change === undefined) return;
    const evidence = this.#rooms.freeze(change);
    const entry: Entry = { evidence, file: null };
    this.#kept.push(entry);
    this.#rooms.folder?.write(
      evidence.alert,
      evidence.firedAt,
      JSON.stringify({ schemaVersion, ...evidence }),
      (file) => {
        entry.file = file;
      },
    );
    this.#waiting.shift();
    if (this.#waiting.length > 0) setImmediate(() => this.#takeNext());
  }
}

interface Entry {
  readonly evidence: Evidence;
  file: string | null;
}
