import type { ProcessConfig, ServiceConfig } from '../config/snapshot.js';
import type { Cancel } from '../foundation/clock.js';
import { pause } from '../foundation/clock.js';
import { MeshError, messageOf } from '../foundation/errors.js';
import { holderOf } from '../foundation/port-holder.js';
import { formatDuration } from '../foundation/units.js';
import { unlessAborted } from '../foundation/unless-aborted.js';
import type { Changes } from './changes.js';
import { spawnChild } from './child.js';
import type { FreePorts } from './free-port.js';
import { isFree } from './free-port.js';
import type { OutputLine } from './output.js';
import type { ProcessState } from './process-state.js';
import type { Exit } from './restart.js';
import { afterExit, isLoop, steadyAfter } from './restart.js';
import type { RunRooms } from './run.js';
import { Run } from './run.js';

/** A service that the mesh runs. */
export interface RunConfig extends ServiceConfig {
  readonly process: ProcessConfig;
}

/** The whole environment of a program, `PORT` included. A rejection fails the start. */
export type EnvironmentFor = (
  service: ServiceConfig,
  replica: string,
  port: number | undefined,
) => Promise<Readonly<Record<string, string>>>;

/** What a replica needs of those around it. */
export interface ReplicaRooms extends RunRooms {
  readonly ports: FreePorts;
  readonly changes: Changes;
  readonly environment: EnvironmentFor;
  /** The services that a service depends on and that are not up. */
  missing(service: RunConfig): readonly string[];
  onState(replica: Replica): void;
  onLine(line: OutputLine): void;
}

/** Milliseconds between two looks whether a port that the mesh file names, and that somebody else has, is free by now. */
const takenPortPause = 2_000;

/**
 * One process of a service over all its starts. Its life is a loop: wait for what it depends on, launch, wait for the end,
 * clear away, decide whether to launch again.
 */
export class Replica {
  /** `web-1` */
  readonly name: string;
  readonly #rooms: ReplicaRooms;
  #config: RunConfig;
  #state: ProcessState = { kind: 'waiting', for: [] };
  #restarts = 0;
  #exitsInARow = 0;
  /** There was a start before. */
  #hasStarted = false;
  #port: number | undefined;
  #run: Run | undefined;
  #halt = new AbortController();
  #life: Promise<void> = Promise.resolve();
  #retired = false;

  constructor(rooms: ReplicaRooms, config: RunConfig, name: string) {
    this.#rooms = rooms;
    this.#config = config;
    this.name = name;
  }

  get service(): string {
    return this.#config.name;
  }

  get state(): ProcessState {
    return this.#state;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get crashLooping(): boolean {
    return isLoop(this.#exitsInARow);
  }

  /** Takes up a configuration that does not call for another process. */
  adopt(config: RunConfig): void {
    this.#config = config;
  }

  start(): void {
    this.#halt = new AbortController();
    this.#state = { kind: 'waiting', for: [] }; // not told: it lasts for a moment, unless something is missing
    this.#life = this.#live(this.#halt.signal);
  }

  /** Ends what runs and starts anew, its crashes forgiven. Resolves when the old one is gone. */
  async restart(): Promise<void> {
    const halted = this.#halt;
    halted.abort();
    await this.#life;
    if (this.#retired || this.#halt !== halted) return; // stopped, or started by another restart meanwhile
    this.#exitsInARow = 0;
    if (this.#hasStarted) this.#restarts += 1;
    this.start();
  }

  /** For good. Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.#retired = true;
    this.#halt.abort();
    await this.#life;
    if (this.#port !== undefined) this.#rooms.ports.giveBack(this.#port);
    this.#port = undefined;
    if (this.#state.kind !== 'stopped') this.#become({ kind: 'stopped' });
  }

  /** For good, at once, and without waiting. */
  kill(): void {
    this.#retired = true;
    this.#halt.abort();
    this.#run?.kill();
  }

  /** Adds a line to its output. */
  say(stream: OutputLine['stream'], text: string): void {
    this.#rooms.onLine({
      service: this.service,
      replica: this.name,
      stream,
      text,
      at: this.#rooms.clock.now(),
    });
  }

  async #live(halt: AbortSignal): Promise<void> {
    if (!this.#hasStarted) await this.#untilNothingIsMissing(halt);
    while (!halt.aborted) {
      const launched = await this.#launch(halt);
      if (launched === 'port-taken') {
        await pause(this.#rooms.clock, takenPortPause, halt);
        continue;
      }
      this.#run = launched;
      if (this.#run === undefined) return;
      const exit = await this.#untilEnd(this.#run, halt);
      this.#run = undefined;
      if (exit === undefined || halt.aborted) return;
      if (!(await this.#shallRunAgain(exit, halt))) return;
    }
  }

  /** Only before the first start: a crash of what it depends on is that one's trouble, and its callers' to bear. */
  #untilNothingIsMissing(halt: AbortSignal): Promise<void> {
    let told = '';
    return this.#rooms.changes.until(() => {
      const missing = this.#rooms.missing(this.#config);
      if (missing.length > 0 && missing.join() !== told) {
        told = missing.join();
        this.#become({ kind: 'waiting', for: missing });
      }
      return missing.length === 0;
    }, halt);
  }

  async #launch(halt: AbortSignal): Promise<Run | 'port-taken' | undefined> {
    const { name, process } = this.#config;
    try {
      const port = await this.#choosePort();
      const environment = await this.#rooms.environment(this.#config, this.name, port);
      if (halt.aborted) return undefined;
      const child = await spawnChild({
        command: process.command,
        directory: process.directory,
        environment,
        clock: this.#rooms.clock,
        onLine: (stream, text) => this.say(stream, text),
      });
      const serving = port === undefined ? undefined : { service: name, port, version: process.version };
      const run = new Run(this.#rooms, child, this.name, serving);
      this.#hasStarted = true;
      this.#become({ kind: 'starting', pid: child.pid, port });
      return run;
    } catch (error) {
      const reason = messageOf(error);
      const isNews = this.#state.kind !== 'failed' || this.#state.reason !== reason;
      if (isNews) this.#become({ kind: 'failed', reason });
      return error instanceof MeshError && error.code === 'port_taken' ? 'port-taken' : undefined;
    }
  }

  /** A worker gets none. A free one is kept over restarts, so that what others have noted of it stays true. */
  async #choosePort(): Promise<number | undefined> {
    const { expose, port } = this.#config;
    const { ports } = this.#rooms;
    if (!expose) return undefined;
    if (port !== undefined) {
      if (await isFree(port)) return port;
      const holder = (await holderOf(port)) ?? 'another program, or may not be opened';
      throw new MeshError('port_taken', `port ${port} is taken by ${holder}; it is tried again until it is free`);
    }
    if (this.#port !== undefined && (await isFree(this.#port))) return this.#port;
    if (this.#port !== undefined) ports.giveBack(this.#port);
    this.#port = await ports.take();
    return this.#port;
  }

  /** Sees a run through to its end. The answer is how the program ended by itself; undefined when it was put down. */
  async #untilEnd(run: Run, halt: AbortSignal): Promise<Exit | undefined> {
    const { clock } = this.#rooms;
    let cancelSteady: Cancel = () => {};
    run.whenReady(() => {
      if (this.#state.kind !== 'starting') return;
      this.#become({ ...this.#state, kind: 'ready' });
      cancelSteady = clock.after(steadyAfter, () => this.#forgive());
    });
    const exit = await unlessAborted(run.exited, halt);
    cancelSteady();
    if (exit === undefined || run.isAlive) this.#become({ kind: 'stopping', pid: run.pid });
    const { stopTimeout } = this.#config.process; // as it is by now
    const how = exit === undefined ? await run.putDown(stopTimeout) : await run.clearAway(stopTimeout);
    if (how === 'killed') this.say('mesh', `did not end within ${formatDuration(stopTimeout)}, and was killed`);
    return exit;
  }

  /** It has held out for long enough: its earlier crashes count no more. */
  #forgive(): void {
    const wasLooping = this.crashLooping;
    this.#exitsInARow = 0;
    if (wasLooping) this.#rooms.onState(this);
  }

  async #shallRunAgain(exit: Exit, halt: AbortSignal): Promise<boolean> {
    this.#exitsInARow += 1;
    const decision = afterExit(this.#config.process.restart, exit, this.#exitsInARow);
    if (decision.kind === 'leave') {
      this.#exitsInARow = 0;
      this.#become({ kind: 'exited', exit });
      return false;
    }
    this.#become({ kind: 'backing-off', exit, delay: decision.delay });
    await pause(this.#rooms.clock, decision.delay, halt);
    if (halt.aborted) return false;
    this.#restarts += 1;
    return true;
  }

  #become(state: ProcessState): void {
    this.#state = state;
    this.#rooms.onState(this);
  }
}
