import type { DiagnosticView, ReloadView } from '../admin/wire.js';
import type { Diagnostic } from '../config/diagnostic.js';
import { ConfigError } from '../config/diagnostic.js';
import { diffSnapshots, formatDiff } from '../config/diff.js';
import { loadFile } from '../config/load.js';
import type { Snapshot } from '../config/snapshot.js';
import { urlOf } from '../foundation/address.js';
import { messageOf, toMeshError } from '../foundation/errors.js';
import type { Rooms } from './assemble.js';
import { declareServices } from './declare.js';
import { narrateMesh } from './narrate.js';

/** Read at start-up only: a change of these takes effect with the next `mesh up`, and the reload says so. */
const startUpKeys = /^(?:gateway\.host|admin\.|registry\.)/;

export interface ReloaderRooms {
  readonly rooms: Rooms;
  /** What `${NAME}` in the mesh file reads. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The services that were asked for, and what they depend on; undefined: all. */
  only(): ReadonlySet<string> | undefined;
  /** Called when another snapshot is in force. */
  onApplied(): Promise<void>;
}

/**
 * Takes up the mesh file as it is now. A valid one replaces the snapshot with the least change; an invalid one, or one
 * whose ports cannot be had, leaves everything as it was. Reloads never overlap.
 */
export class Reloader {
  readonly #rooms: Rooms;
  readonly #needs: ReloaderRooms;
  #rejected: readonly DiagnosticView[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(needs: ReloaderRooms) {
    this.#rooms = needs.rooms;
    this.#needs = needs;
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
      const next = await loadFile(file, this.#needs.environment);
      const recovered = this.#rejected.length > 0;
      const view = await this.#apply(next);
      if (view.outcome === 'applied' || recovered) this.#tell('reloaded', view.message);
      return view;
    } catch (error) {
      return this.#reject(error);
    }
  }

  /** Programs are stopped and started behind it: a slow one shall not keep the next edit waiting. */
  async #apply(next: Snapshot): Promise<ReloadView> {
    const { gateway, registry, accessLog, traces, health, supervisor, budgets, alerts } = this.#rooms;
    const diff = diffSnapshots(this.#rooms.snapshot, next);
    if (diff.empty) {
      this.#rejected = [];
      return unchanged('the mesh file says what runs already');
    }
    const before = urlOf(gateway.address);
    await this.#openPorts(next);
    this.#rooms.snapshot = next; // from here on it is in force, whatever fails behind it
    this.#rooms.revision = { number: this.#rooms.revision.number + 1, since: this.#rooms.clock.now() };
    this.#rejected = [];
    declareServices(registry, next);
    accessLog.configure(next.telemetry.accessLog);
    await traces.configure(next.telemetry.traces, next.name);
    health.refresh();
    budgets.configure(next);
    alerts.configure(next.alerts);
    void supervisor.apply(next.services, this.#needs.only());
    await this.#needs.onApplied().catch((error: unknown) => this.#tell('warning', messageOf(error)));
    const after = urlOf(gateway.address);
    const later = diff.globals.filter((key) => startUpKeys.test(key));
    const hidden = diff.changed.filter(
      ({ service, keys }) => keys.includes('split') && gateway.memoryOf(service).splitInForce?.isOverride,
    );
    const notes = [
      ...hidden.map(
        ({ service }) => `${service} stays split as was said at run time, until \`mesh split ${service} --clear\``,
      ),
      ...(after === before ? [] : [`the gateway is at ${after} now`]),
      ...(later.length === 0 ? [] : [`${later.join(', ')}: with the next \`mesh up\``]),
    ];
    const message = `reloaded: ${formatDiff(diff)}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
    return { outcome: 'applied', message, diagnostics: [] };
  }

  /** A port that passes from a program to the mesh is free only when the program has ended. */
  async #openPorts(next: Snapshot): Promise<void> {
    const { gateway, supervisor, snapshot } = this.#rooms;
    const only = this.#needs.only();
    const wanted = meshPorts(next);
    const staying = [...snapshot.services].filter(
      ([, { process, port }]) => process === undefined || port === undefined || !wanted.has(port),
    );
    const isInTheWay = staying.length < snapshot.services.size;
    if (isInTheWay) await supervisor.apply(new Map(staying), only);
    try {
      await gateway.apply(next);
    } catch (error) {
      if (isInTheWay) void supervisor.apply(snapshot.services, only);
      throw error;
    }
  }

  #reject(error: unknown): ReloadView {
    const diagnostics = error instanceof ConfigError ? error.diagnostics.map(viewDiagnostic) : [];
    const { code, message, hint } = toMeshError(error);
    this.#rejected =
      diagnostics.length > 0 ? diagnostics : [{ code, message, hint, file: null, line: null, column: null }];
    this.#tell('reload-rejected', `the mesh file was not taken up, the last good one stays in force:\n${message}`);
    return { outcome: 'rejected', message, diagnostics: [...this.#rejected] };
  }

  #tell(type: 'reloaded' | 'reload-rejected' | 'warning', message: string): void {
    this.#rooms.events.emit('event', narrateMesh(type, message, this.#rooms.clock.now()));
  }
}

/** The ports that the file names for the gateway. */
function meshPorts({ gateway, services }: Snapshot): ReadonlySet<number> {
  const own = [...services.values()].flatMap(({ listen }) => listen ?? []);
  return new Set(gateway.port.named ? [...own, gateway.port.port] : own);
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
