import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Control } from '../admin/control.js';
import { AdminServer } from '../admin/server.js';
import type { StatusView } from '../admin/wire.js';
import { schemaVersion } from '../admin/wire.js';
import type { ServiceConfig, Snapshot, TokenConfig } from '../config/snapshot.js';
import { watchFile } from '../config/watch.js';
import type { Address } from '../foundation/address.js';
import { formatAddress, urlOf } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import { Scope } from '../foundation/scope.js';
import { reapOrphans } from '../supervisor/orphans.js';
import type { Rooms } from './assemble.js';
import { assemble } from './assemble.js';
import { controlOf } from './control.js';
import { firstHealth } from './declare.js';
import { environmentOf } from './environment.js';
import { narrateProcess, narrateRegistry } from './narrate.js';
import type { Readiness } from './readiness.js';
import { readinessOf, whenReady } from './readiness.js';
import { Reloader } from './reload.js';
import { refuseSecondMesh, removeRunFile, writeRunFile } from './run-file.js';
import { withDependencies } from './selection.js';
import { openStateFolder, stateFolder } from './state-folder.js';
import { version } from './version.js';

/** How a mesh begins and ends: what is opened in which order, and closed in which. */
export class Lifecycle {
  readonly rooms: Rooms;
  readonly control: Control;
  readonly token: string | undefined;
  readonly notices: string[] = [];
  readonly stopped: Promise<void>;

  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #reloader: Reloader;
  readonly #admin: AdminServer;
  readonly #scope = new Scope();
  #only: ReadonlySet<string> | undefined;
  #phase: 'new' | 'running' | 'stopping' = 'new';
  #startedAt = 0;
  #resolveStopped: () => void = () => {};

  constructor(snapshot: Snapshot, clock: Clock, environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
    this.token = tokenOf(snapshot.admin.token);
    this.rooms = assemble(snapshot, clock, (service, replica, port) => this.#environmentOf(service, replica, port));
    this.#reloader = new Reloader(this.rooms, environment, () => this.#only);
    this.control = controlOf(this.rooms, this.#reloader, {
      status: () => this.#status(),
      ownAddresses: () => [...this.rooms.gateway.ownAddresses(), ...this.#admin.addresses()],
      shutdown: () => void this.stop(),
    });
    this.#admin = new AdminServer({
      control: this.control,
      clock,
      token: this.token,
      host: snapshot.admin.host,
    });
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
    this.#narrate();
  }

  async start(only: readonly string[] | undefined): Promise<void> {
    if (this.#phase !== 'new')
      throw new MeshError('already_running', 'This mesh has been started already', {
        hint: 'Make a new ServiceMesh to start again.',
      });
    this.#phase = 'running';
    this.#only = only === undefined ? undefined : withDependencies(this.rooms.snapshot, only);
    this.#startedAt = this.rooms.clock.now();
    try {
      await this.#open();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  ready(timeout: number | undefined): Promise<Readiness> {
    return whenReady(this.rooms, this.#only, timeout);
  }

  stop(): Promise<void> {
    if (this.#phase !== 'stopping') {
      this.#phase = 'stopping';
      this.rooms.events.emit('stopping', { at: this.rooms.clock.now() });
      void this.#scope.close().finally(this.#resolveStopped);
    }
    return this.stopped;
  }

  get gatewayUrl(): string {
    return urlOf(this.rooms.gateway.address);
  }

  get adminUrl(): string {
    return urlOf(this.#admin.address);
  }

  /** Each closer is told before its room opens, in the reverse of the order in which they shall close. */
  async #open(): Promise<void> {
    const { snapshot, registry, gateway, health, supervisor } = this.rooms;
    if (snapshot.file !== undefined) await this.#claim(snapshot.directory);

    this.#scope.defer(() => registry.close());
    const warning = await registry.restore((name) => firstHealth(snapshot.services.get(name) ?? snapshot.unlisted));
    if (warning !== undefined) this.notices.push(warning);

    this.#scope.defer(() => this.#admin.close());
    this.#scope.defer(() => health.close());
    this.#scope.defer(() => supervisor.stop()); // after the gateway has drained: what is under way needs its service
    this.#scope.defer(() => gateway.close());
    await gateway.open();
    await this.#admin.open(snapshot.admin.port);
    this.#noticePort('gateway', snapshot.gateway.port.port, gateway.address);
    this.#noticePort('admin API', snapshot.admin.port.port, this.#admin.address);

    if (snapshot.file !== undefined) await this.#announce(snapshot.file, snapshot.directory);
    health.start();
    await supervisor.apply(snapshot.services, this.#only);
    if (snapshot.file !== undefined) {
      const watch = await watchFile(snapshot.file, {
        onChange: () => void this.#reloader.reload(),
      });
      this.#scope.defer(async () => {
        await watch.close();
        await this.#reloader.settled();
      });
    }
  }

  /** One mesh per file; what an earlier one left behind when it was killed is ended first. */
  async #claim(directory: string): Promise<void> {
    await openStateFolder(directory);
    await refuseSecondMesh(directory);
    const reaped = await reapOrphans(join(stateFolder(directory), 'processes.json'));
    if (reaped.length > 0) {
      const names = reaped.map(({ replica, pid }) => `${replica} (pid ${pid})`).join(', ');
      this.notices.push(`ended what an earlier mesh left running: ${names}`);
    }
  }

  async #announce(file: string, directory: string): Promise<void> {
    const { pid } = process;
    this.#scope.defer(() => removeRunFile(directory, pid));
    await writeRunFile(directory, {
      pid,
      name: this.rooms.snapshot.name,
      file,
      adminUrl: this.adminUrl,
      gatewayUrl: this.gatewayUrl,
      token: this.token,
      startedAt: this.#startedAt,
    });
  }

  #noticePort(what: string, wished: number, bound: Address): void {
    if (wished === 0 || wished === bound.port) return;
    this.notices.push(`port ${wished} is taken: the ${what} listens on ${formatAddress(bound)}`);
  }

  #narrate(): void {
    const { registry, supervisor, events, clock } = this.rooms;
    registry.on((event) => events.emit('event', narrateRegistry(event, clock.now())));
    supervisor.on('state', (status) => events.emit('event', narrateProcess(status, clock.now())));
    supervisor.on('output', (line) => events.emit('output', line));
  }

  async #environmentOf(service: ServiceConfig, replica: string, port: number | undefined) {
    const doors = new Map<string, Address>();
    for (const peer of this.rooms.snapshot.services.values()) {
      if (peer.expose && peer.name !== service.name) {
        doors.set(peer.name, await this.rooms.gateway.door(service.name, peer.name));
      }
    }
    return environmentOf(service, replica, port, {
      inherited: this.#environment,
      gatewayUrl: this.gatewayUrl,
      adminUrl: this.adminUrl,
      token: this.token,
      doors,
    });
  }

  #status(): StatusView {
    const { ready, waiting, stuck } = readinessOf(this.rooms, this.#only);
    return {
      schemaVersion,
      mesh: this.rooms.snapshot.name,
      version,
      pid: process.pid,
      file: this.rooms.snapshot.file ?? null,
      startedAt: this.#startedAt,
      gateway: this.gatewayUrl,
      admin: this.adminUrl,
      ready,
      waiting: [...waiting],
      stuck: [...stuck],
      notices: [...this.notices],
      rejected: [...this.#reloader.rejected],
    };
  }
}

/** 24 random bytes: 192 bits, far out of reach of guessing. */
const tokenBytes = 24;

function tokenOf(config: TokenConfig): string | undefined {
  switch (config.kind) {
    case 'auto':
      return randomBytes(tokenBytes).toString('base64url');
    case 'value':
      return config.value;
    case 'none':
      return undefined;
  }
}
