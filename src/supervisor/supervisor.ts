import { isDeepStrictEqual } from 'node:util';
import type { ServiceConfig } from '../config/snapshot.js';
import type { Clock } from '../foundation/clock.js';
import { Emitter } from '../foundation/emitter.js';
import { MeshError } from '../foundation/errors.js';
import type { Random } from '../foundation/random.js';
import type { Instance } from '../registry/instance.js';
import { isUnproven } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';
import { Changes } from './changes.js';
import { FreePorts } from './free-port.js';
import { Guard } from './guard.js';
import { stopOrder } from './order.js';
import { ProcessRecord } from './orphans.js';
import type { OutputLine, OutputReader, OutputSource, OutputWish } from './output.js';
import { OutputLogs } from './output.js';
import type { ProcessStatus } from './process-state.js';
import { isUp } from './process-state.js';
import type { EnvironmentFor, Replica, ReplicaRooms, RunConfig } from './replica.js';
import { RunningService } from './running-service.js';

export type { OutputLine } from './output.js';
export type { ProcessState, ProcessStatus } from './process-state.js';
export { isUp } from './process-state.js';
export type { EnvironmentFor } from './replica.js';
export type { Exit } from './restart.js';
export { isSuccess } from './restart.js';

export interface SupervisorRooms {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly environment: EnvironmentFor;
  /** Folder of the mesh file: the globs of `watch` are read against it. */
  readonly directory: string;
  /** Where the pids are kept for the mesh that comes after a SIGKILL; undefined keeps none. */
  readonly stateFile: string | undefined;
  /** Called before a process is ended, when no new requests reach it: resolves when those under way have finished, or have had time enough. */
  drain(instance: Instance): Promise<void>;
  /** Chooses the first port that is tried. */
  readonly random: Random;
}

export interface SupervisorEvents {
  output: OutputLine;
  state: ProcessStatus;
}

/** Runs the programs of a mesh: what `apply` was told last is what runs. */
export class Supervisor {
  readonly #rooms: ReplicaRooms;
  readonly #directory: string;
  readonly #events = new Emitter<SupervisorEvents>();
  readonly #output = new OutputLogs();
  readonly #unfollow: () => void;
  /** In the order of the mesh file. */
  #running: ReadonlyMap<string, RunningService> = new Map();
  /** Those that were taken from the list and still run, each with its end. */
  readonly #leaving = new Map<RunningService, Promise<void>>();
  #stopping: Promise<void> | undefined;

  constructor(rooms: SupervisorRooms) {
    const { registry, clock } = rooms;
    const changes = new Changes();
    this.#directory = rooms.directory;
    this.#rooms = {
      registry,
      clock,
      changes,
      ports: new FreePorts(rooms.random),
      guard: new Guard(),
      record: new ProcessRecord(rooms.stateFile),
      environment: (service, replica, port) => rooms.environment(service, replica, port),
      drain: (instance) => rooms.drain(instance),
      missing: (service) => this.#missing(service),
      onState: (replica) => {
        this.#events.emit('state', this.#statusOf(replica));
        changes.tell();
      },
      onLine: (line) => {
        this.#output.push(line);
        this.#events.emit('output', line);
      },
    };
    this.#unfollow = registry.on(() => changes.tell());
  }

  /** Calls `listener` for each event of that name from now on; the answer ends it. */
  on<Name extends keyof SupervisorEvents>(name: Name, listener: (event: SupervisorEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Makes what runs what the services wish: starts the new (in the order of `dependsOn`), stops the removed, starts anew
   * those whose program is another one now, each once its predecessor is gone, adds and removes replicas at the end. The
   * rest is left alone. It takes effect at once; the answer resolves when stopping is done.
   *
   * @param only runs none but these; they should be closed under `dependsOn`
   */
  async apply(services: ReadonlyMap<string, ServiceConfig>, only?: ReadonlySet<string>): Promise<void> {
    if (this.#stopping !== undefined) return;
    const before = this.#running;
    const wished = [...services.values()].filter(isRun).filter(({ name }) => only?.has(name) !== false);
    const running = new Map(wished.map((config) => [config.name, this.#successor(before.get(config.name), config)]));
    const leaving = [...before.values()].filter((service) => running.get(service.config.name) !== service);
    const ends = this.#leave(leaving);
    this.#running = running; // whole, before anybody looks whether what it depends on is up
    const adopting = wished.map((config) => running.get(config.name)?.adopt(config, this.#gone(config.name)));
    this.#rooms.changes.tell(); // what somebody waits for may have been taken from the list
    await Promise.all([...ends, ...adopting]);
  }

  /** Of the processes of one service, or of all: those that leave, then the others in the order of the mesh file. */
  statuses(name?: string): readonly ProcessStatus[] {
    const leaving = [...this.#leaving.keys()].filter(({ config }) => name === undefined || config.name === name);
    const running = name === undefined ? [...this.#running.values()] : (this.#running.get(name) ?? []);
    const services = leaving.concat(running);
    return services.flatMap(({ replicas }) => replicas.map((replica) => this.#statusOf(replica)));
  }

  /** Resolves when somebody serves the service, or when it is clear that no process of it is about to; or when the signal aborts. */
  whenServed(service: string, signal: AbortSignal): Promise<void> {
    return this.#rooms.changes.until(() => this.#isServed(service) || !this.#isComing(service), signal);
  }

  /** What the processes of a service printed last, oldest first; at most 5,000 lines are kept. */
  lastLines(service: string, count: number): readonly OutputLine[] {
    return this.#output.last(count, service);
  }

  /** Reads what the processes print, from the lines that are kept on. */
  readOutput(wish: OutputWish): OutputReader {
    return this.#output.read(wish);
  }

  /** Who prints under that name, or has: a service, or one of its processes. Undefined for what the mesh has never run. */
  sourceNamed(name: string): OutputSource | undefined {
    const processes = this.statuses();
    if (processes.some(({ service }) => service === name)) return { service: name };
    return processes.find(({ replica }) => replica === name) ?? this.#output.sourceNamed(name);
  }

  /**
   * Restarts a service's processes one after the other, each once the one before is up. A later restart takes over from an
   * earlier one.
   * @throws unknown_service when the mesh does not run it; not_ready when one does not come up, and those behind it are left as they were
   */
  async restart(service: string): Promise<void> {
    const running = this.#running.get(service);
    if (running === undefined) throw new MeshError('unknown_service', `The mesh runs no process of \`${service}\``);
    await running.restart();
  }

  /** Ends everything, dependents first: SIGTERM to the group, SIGKILL after `stopTimeout`. Resolves when nothing is left. For good. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** SIGKILL to everything, now, without waiting. For good. */
  kill(): void {
    this.#stopping ??= this.#stop();
    for (const running of [...this.#leaving.keys(), ...this.#running.values()]) running.kill();
  }

  async #stop(): Promise<void> {
    await Promise.all([...this.#leave([...this.#running.values()]), ...this.#leaving.values()]);
    this.#unfollow();
    this.#rooms.guard.close();
  }

  /** Ends them, whoever depends on others before those. The answer is a promise for each. */
  #leave(leaving: readonly RunningService[]): Promise<void>[] {
    const byName = new Map(leaving.map((running) => [running.config.name, running]));
    const dependencies = new Map(leaving.map(({ config }) => [config.name, config.process.dependsOn]));
    const ends: Promise<void>[] = [];
    let before: Promise<unknown> = Promise.resolve();
    for (const group of stopOrder(dependencies)) {
      const turn = before;
      const groupEnds = group.flatMap((name) => byName.get(name) ?? []).map((running) => this.#end(running, turn));
      ends.push(...groupEnds);
      before = Promise.all(groupEnds);
    }
    return ends;
  }

  #end(running: RunningService, turn: Promise<unknown>): Promise<void> {
    const end = turn.then(() => running.stop()).finally(() => this.#leaving.delete(running));
    this.#leaving.set(running, end);
    return end;
  }

  /** What runs goes on, unless its program is another one now. */
  #successor(known: RunningService | undefined, config: RunConfig): RunningService {
    if (known !== undefined && !isAnotherProgram(known.config, config)) return known;
    return new RunningService(this.#rooms, this.#directory, config);
  }

  /** Resolves when nothing of an earlier program of that name is left. */
  #gone(service: string): Promise<unknown> {
    const earlier = [...this.#leaving].filter(([{ config }]) => config.name === service);
    return Promise.all(earlier.map(([, end]) => end));
  }

  #missing({ process }: RunConfig): readonly string[] {
    return process.dependsOn.filter((name) => !this.#isUp(name));
  }

  /** One process that is up is enough; a service that runs elsewhere is up when it can be called. */
  #isUp(service: string): boolean {
    const running = this.#running.get(service);
    return running === undefined ? this.#isServed(service) : running.replicas.some(({ state }) => isUp(state));
  }

  #isServed(service: string): boolean {
    return (this.#rooms.registry.service(service)?.routable.length ?? 0) > 0;
  }

  /** A process that is being started, or an instance that is being looked at for the first time. */
  #isComing(service: string): boolean {
    const instances = this.#rooms.registry.service(service)?.instances ?? [];
    return this.#running.get(service)?.isComing === true || instances.some(isUnproven);
  }

  #statusOf(replica: Replica): ProcessStatus {
    const { name, service, state, restarts, crashLooping } = replica;
    return {
      service,
      replica: name,
      state,
      restarts,
      crashLooping,
      lastLines: (count) => this.#output.last(count, service, name),
    };
  }
}

function isRun(config: ServiceConfig): config is RunConfig {
  return config.process !== undefined;
}

/** What cannot be changed in a process that runs. */
function isAnotherProgram(before: RunConfig, after: RunConfig): boolean {
  return !isDeepStrictEqual(programOf(before), programOf(after));
}

function programOf({ expose, port, process }: RunConfig): unknown {
  const { command, directory, environment, version } = process;
  return { expose, command, directory, environment, port, version };
}
