import type { DiagnosticView, ReloadView } from '../admin/wire.js';
import type { Diagnostic } from '../config/diagnostic.js';
import { ConfigError } from '../config/diagnostic.js';
import { diffSnapshots, formatDiff } from '../config/diff.js';
import { loadFile } from '../config/load.js';
import type { Snapshot } from '../config/snapshot.js';
import { toMeshError } from '../foundation/errors.js';
import type { Rooms } from './assemble.js';
import { declareServices } from './declare.js';

/** Read at start-up only: a change of these takes effect with the next `mesh up`, and the reload says so. */
const startUpKeys = /^(?:admin|registry)\b/;

/**
 * Takes up the mesh file as it is now. A valid one replaces the snapshot with the least change; an invalid one, or one
 * whose ports cannot be had, leaves everything as it was. Reloads never overlap.
 */
export class Reloader {
  readonly #rooms: Rooms;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #only: () => ReadonlySet<string> | undefined;
  #rejected: readonly DiagnosticView[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    rooms: Rooms,
    environment: Readonly<Record<string, string | undefined>>,
    only: () => ReadonlySet<string> | undefined,
  ) {
    this.#rooms = rooms;
    this.#environment = environment;
    this.#only = only;
  }

  /** What is wrong with the file as it is now; empty while it is the one that runs. */
  get rejected(): readonly DiagnosticView[] {
    return this.#rejected;
  }

  reload(): Promise<ReloadView> {
    const reloading = this.#last.then(() => this.#reload());
    this.#last = reloading;
    return reloading;
  }

  /** Resolves when no reload is under way. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #reload(): Promise<ReloadView> {
    const { file } = this.#rooms.snapshot;
    if (file === undefined) return unchanged('this mesh was not made from a file');
    try {
      const view = await this.#apply(await loadFile(file, this.#environment));
      const recovered = this.#rejected.length > 0;
      this.#rejected = [];
      if (view.outcome === 'applied' || recovered) this.#tell('reloaded', view.message);
      return view;
    } catch (error) {
      return this.#reject(error);
    }
  }

  async #apply(next: Snapshot): Promise<ReloadView> {
    const diff = diffSnapshots(this.#rooms.snapshot, next);
    if (diff.empty) return unchanged('the mesh file says what runs already');
    await this.#rooms.gateway.apply(next);
    this.#rooms.snapshot = next;
    declareServices(this.#rooms.registry, next);
    this.#rooms.health.refresh();
    await this.#rooms.supervisor.apply(next.services, this.#only());
    const later = diff.globals.filter((key) => startUpKeys.test(key));
    const note = later.length === 0 ? '' : ` (${later.join(', ')}: with the next \`mesh up\`)`;
    return {
      outcome: 'applied',
      message: `reloaded: ${formatDiff(diff)}${note}`,
      diagnostics: [],
    };
  }

  #reject(error: unknown): ReloadView {
    const diagnostics = error instanceof ConfigError ? error.diagnostics.map(viewDiagnostic) : [];
    const { code, message, hint } = toMeshError(error);
    this.#rejected =
      diagnostics.length > 0 ? diagnostics : [{ code, message, hint, file: null, line: null, column: null }];
    this.#tell('reload-rejected', `the mesh file was not taken up, the last good one stays in force:\n${message}`);
    return { outcome: 'rejected', message, diagnostics: [...this.#rejected] };
  }

  #tell(type: string, message: string): void {
    this.#rooms.events.emit('event', {
      type,
      at: this.#rooms.clock.now(),
      service: null,
      instance: null,
      message,
    });
  }
}

function unchanged(message: string): ReloadView {
  return { outcome: 'unchanged', message, diagnostics: [] };
}

function viewDiagnostic({ code, message, hint, file, line, column }: Diagnostic): DiagnosticView {
  return {
    code,
    message,
    hint: hint ?? null,
    file: file ?? null,
    line: line ?? null,
    column: column ?? null,
  };
}
