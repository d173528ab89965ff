import { isDeepStrictEqual } from 'node:util';
import { MeshError, messageOf } from '../foundation/errors.js';
import { isComing, isSettled, isUp } from './process-state.js';
import type { ReplicaRooms, RunConfig } from './replica.js';
import { Replica } from './replica.js';
import type { Watch } from './watch.js';
import { watchFiles } from './watch.js';

/** The processes of one service. */
export class RunningService {
  readonly #rooms: ReplicaRooms;
  /** The folder against which the globs of `watch` are read. */
  readonly #directory: string;
  #config: RunConfig;
  #phase: 'new' | 'running' | 'stopped' = 'new';
  #replicas: readonly Replica[] = [];
  #watch: Watch | undefined;
  /** Aborted when a later restart takes over. */
  #restarting = new AbortController();

  constructor(rooms: ReplicaRooms, directory: string, config: RunConfig) {
    this.#rooms = rooms;
    this.#directory = directory;
    this.#config = config;
  }

  get config(): RunConfig {
    return this.#config;
  }

  get replicas(): readonly Replica[] {
    return this.#replicas;
  }

  /** Will it be up by and by, without anybody's help? */
  get isComing(): boolean {
    if (this.#phase === 'new') return true;
    return this.#replicas.some(({ state, crashLooping }) => isComing(state) && !crashLooping);
  }

  /**
   * Takes up what can be taken up without another process, and starts or stops replicas at the end. Resolves when those are gone.
   * @param vacant until then nothing is started, for an earlier program of that name still runs
   */
  async adopt(config: RunConfig, vacant: Promise<unknown>): Promise<void> {
    const { watch } = this.#config.process;
    this.#config = config;
    for (const replica of this.#replicas) replica.adopt(config);
    await vacant;
    if (this.#phase === 'stopped') return;
    if (this.#phase === 'new') this.#openWatch();
    else if (!isDeepStrictEqual(watch, config.process.watch)) {
      await this.#watch?.close();
      this.#openWatch();
    }
    this.#phase = 'running';
    await this.#scale();
  }

  /** Makes the replicas as many as the configuration wishes; those that stay are left alone. */
  async #scale(): Promise<void> {
    const wished = this.#config.process.replicas;
    const leaving = this.#replicas.slice(wished);
    const joining: Replica[] = [];
    for (let index = this.#replicas.length; index < wished; index++)
      joining.push(new Replica(this.#rooms, this.#config, `${this.#config.name}-${index + 1}`));
    this.#replicas = [...this.#replicas.slice(0, wished), ...joining];
    for (const replica of joining) replica.start();
    await Promise.all(leaving.map((replica) => replica.stop()));
  }

  /**
   * Replica by replica, each once the one before is up, so that somebody always serves where there are two. A later
   * restart takes over from an earlier one.
   * @throws not_ready when one does not come up; those behind it are left as they were
   */
  async restart(reason?: string): Promise<void> {
    this.#restarting.abort();
    const restarting = new AbortController();
    this.#restarting = restarting;
    for (const replica of this.#replicas) {
      if (restarting.signal.aborted) return;
      if (reason !== undefined) replica.say('mesh', reason);
      await replica.restart();
      await this.#rooms.changes.until(() => isSettled(replica.state), restarting.signal);
      if (restarting.signal.aborted || replica.state.kind === 'stopped') return;
      if (!isUp(replica.state)) throw new MeshError('not_ready', `${replica.name} did not come up again`);
    }
  }

  async stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#restarting.abort();
    await Promise.all([this.#watch?.close(), ...this.#replicas.map((replica) => replica.stop())]);
  }

  kill(): void {
    this.#phase = 'stopped';
    this.#restarting.abort();
    for (const replica of this.#replicas) replica.kill();
  }

  #openWatch(): void {
    const { watch } = this.#config.process;
    this.#watch =
      watch.length === 0
        ? undefined
        : watchFiles({
            directory: this.#directory,
            globs: watch,
            clock: this.#rooms.clock,
            onChange: (paths) => {
              this.restart(reasonOf(paths)).catch(() => {}); // a replica that does not come up tells so itself
            },
            onError: (error) => this.#replicas[0]?.say('mesh', `files are not watched: ${messageOf(error)}`),
          });
  }
}

function reasonOf([first, ...others]: readonly string[]): string {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `restarting: ${first}${more} changed`;
}
