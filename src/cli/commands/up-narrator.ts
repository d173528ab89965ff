import type { Control } from '../../admin/control.js';
import type { EventView, ProcessView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import type { ServiceMesh } from '../../mesh/service-mesh.js';
import { accessLines } from '../../telemetry/access-log/lines.js';
import type { Context } from '../context.js';
import { childOutput } from '../render/child-output.js';
import { renderEvent } from '../render/event.js';
import { tint } from '../render/paint.js';
import { Prefixes } from '../render/prefix.js';

/** What is listened to. */
export interface NarratedMesh {
  readonly name: string;
  readonly control: Pick<Control, 'services' | 'processes' | 'status'>;
  readonly on: ServiceMesh['on'];
}

/** Characters of output that wait for a slow reader. */
const longestBacklog = 1_000_000;

/** What `mesh up` says while it runs: the output of the services on stdout, the news of the mesh on stderr. */
export class Narrator {
  /** Once it is up, comings and goings of instances are news; before, everything comes. One that never started does not stop. */
  #phase: 'starting' | 'started' | 'up' = 'starting';
  /** It was up before all its services were ready: the moment when they are is news. */
  #isLate = false;
  readonly #context: Context;
  readonly #mesh: NarratedMesh;
  readonly #outputPrefixes: Prefixes;
  readonly #newsPrefixes: Prefixes;
  readonly #crashLooping = new Set<string>();
  /** Lines that the reader was too slow for. */
  #skipped = 0;
  readonly #ends: ReadonlyArray<() => void>;

  constructor(context: Context, mesh: NarratedMesh) {
    this.#context = context;
    this.#mesh = mesh;
    const services = mesh.control.services().services.map(({ name }) => name);
    const firstReplicas = services.map((name) => `${name}-1`);
    this.#outputPrefixes = new Prefixes(context.paint, services, firstReplicas);
    this.#newsPrefixes = new Prefixes(context.paintNote, services, firstReplicas);
    this.#ends = [
      mesh.on('output', ({ service, replica, stream, text }) => {
        // What the supervisor says of a replica is news of the mesh, although it stands in the replica's log.
        if (stream === 'mesh') return this.#note(printable(text), this.#newsPrefixes.of(service, replica));
        if (!this.#isReaderSlow())
          context.print(this.#outputPrefixes.of(service, replica) + childOutput(text, context.paint.level > 0));
      }),
      mesh.on('access', (batch) => {
        for (const line of accessLines(batch, (tone, text) => tint(context.paint, tone, text))) {
          if (!this.#isReaderSlow()) context.print(this.#outputPrefixes.ofMesh() + line);
        }
      }),
      mesh.on('event', (event) => this.#tell(event)),
      mesh.on('stopping', () => {
        if (this.#phase !== 'starting') this.#note(this.#farewell());
      }),
    ];
  }

  started(): void {
    this.#phase = 'started';
  }

  /** The banner was shown. */
  up(isReady: boolean): void {
    this.#phase = 'up';
    this.#isLate = !isReady;
  }

  close(): void {
    this.#tellSkipped();
    for (const end of this.#ends) end();
  }

  /** Or one that does not read at all: then lines are left out, for memory ends some time; and how many is said. */
  #isReaderSlow(): boolean {
    const { stdout } = this.#context.terminal;
    if (this.#skipped === 0 && stdout.backlog() <= longestBacklog) return false;
    if (this.#skipped === 0) void stdout.flushed().then(() => this.#tellSkipped());
    this.#skipped++;
    return true;
  }

  #tellSkipped(): void {
    if (this.#skipped > 0) this.#context.print(this.#outputPrefixes.ofMesh() + skippedText(this.#skipped));
    this.#skipped = 0;
  }

  #tell(event: EventView): void {
    const process = this.#processOf(event);
    if (process !== undefined ? isTold(event, process) : event.type.startsWith('instance-') && this.#phase !== 'up')
      return;
    if (event.type === 'service-added' && this.#phase !== 'up') return;
    this.#note(renderEvent(event, this.#context.paintNote));
    this.#tellWhenReady();
    if (process === undefined || event.type !== 'process-state') return;
    if (!process.crashLooping) this.#crashLooping.delete(process.replica);
    else if (!this.#crashLooping.has(process.replica)) {
      this.#crashLooping.add(process.replica);
      this.#note(process.lastOutput.map((line) => `  | ${printable(line)}`).join('\n'));
    }
  }

  #tellWhenReady(): void {
    if (!this.#isLate || !this.#mesh.control.status().ready) return;
    this.#isLate = false;
    this.#note(this.#context.paintNote.green(`${printable(this.#mesh.name)} is ready`));
  }

  /** The process that it is about. Only its own service is looked at: a reload may tell of a thousand. */
  #processOf({ service, instance }: EventView): ProcessView | undefined {
    if (service === null || instance === null) return undefined;
    return this.#mesh.control.processes(service).find(({ replica }) => replica === instance);
  }

  #farewell(): string {
    const again = this.#context.terminal.isInteractive ? ' (Ctrl-C again ends it at once)' : '';
    return `stopping ${printable(this.#mesh.name)}${again}`;
  }

  #note(text: string, prefix = this.#newsPrefixes.ofMesh()): void {
    for (const line of text.split('\n')) if (line !== '') this.#context.note(prefix + line);
  }
}

function skippedText(count: number): string {
  return `… ${count} ${count === 1 ? 'line was' : 'lines were'} left out: the reader was too slow`;
}

/** The instance of a process comes, gets well and goes with the process, and the state of that is told already. */
function isTold({ type }: EventView, { state }: ProcessView): boolean {
  return type.startsWith('instance-') || (type === 'health-changed' && state !== 'ready');
}
