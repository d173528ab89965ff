import { join } from 'node:path';
import type { Control } from '../admin/control.js';
import { schemaVersion } from '../admin/schema-version.js';
import { AdminServer } from '../admin/server.js';
import type { StatusView } from '../admin/wire.js';
import type { PortWish, ServiceConfig, Snapshot } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import { watchFile } from '../config/watch.js';
import type { Address } from '../foundation/address.js';
import { formatAddress, urlOf } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError, messageOf } from '../foundation/errors.js';
import { Scope } from '../foundation/scope.js';
import { reapOrphans } from '../supervisor/orphans.js';
import { AlertResponse } from './alert-response.js';
import type { Rooms } from './assemble.js';
import { assemble } from './assemble.js';
import { claim } from './claim.js';
import { controlOf } from './control.js';
import { dropUncallable, firstHealth } from './declare.js';
import { commandEnvironment, environmentOf } from './environment.js';
import { narrateAlert, narrateMesh, narrateProcess, narrateRegistry } from './narrate.js';
import type { Readiness } from './readiness.js';
import { readinessOf, whenReady } from './readiness.js';
import { Reloader } from './reload.js';
import { removeRunFile, writeRunFile } from './run-file.js';
import { withDependencies } from './selection.js';
import { stateFolder } from './state-folder.js';
import { tokenOf } from './token.js';
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
  readonly #alertResponse: AlertResponse;
  readonly #admin: AdminServer;
  readonly #scope = new Scope();
  /** The services that were asked for; undefined: all. */
  #wanted: readonly string[] | undefined;
  #phase: 'new' | 'running' | 'stopping' = 'new';
  #opening: Promise<void> = Promise.resolve();
  #closing: Promise<void> = Promise.resolve();
  #startedAt = 0;
  #resolveStopped: () => void = () => {};

  constructor(snapshot: Snapshot, clock: Clock, environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
    this.token = tokenOf(snapshot.admin.token);
    const environmentFor = (service: ServiceConfig, replica: string, port: number | undefined) =>
      this.#environmentOf(service, replica, port);
    this.rooms = assemble(snapshot, clock, environmentFor, environment);
    this.#reloader = new Reloader({
      rooms: this.rooms,
      environment,
      only: () => this.#only(),
      onApplied: () => this.#applied(),
    });
    this.#alertResponse = new AlertResponse(this.rooms, this.rooms.alerts, {
      adminUrl: () => this.adminUrl,
      environment: () => commandEnvironment(this.#surroundings()),
    });
    this.control = controlOf(this.rooms, this.#reloader, {
      alerts: this.#alertResponse.control,
      status: () => this.#status(),
      ownAddresses: () => this.#ownAddresses(),
      shutdown: () => void this.stop().catch((error: unknown) => this.#warn(messageOf(error))),
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

  async start(wanted: readonly string[] | undefined): Promise<void> {
    if (this.#phase !== 'new') {
      const hint = 'Make a new ServiceMesh to start again.';
      throw new MeshError('already_running', 'This mesh has been started or stopped already', { hint });
    }
    this.#phase = 'running';
    this.#wanted = wanted;
    this.#startedAt = this.rooms.clock.now();
    this.#opening = this.#open();
    try {
      await this.#opening;
    } catch (error) {
      await this.stop().catch(() => {}); // the first failure is the one to tell
      throw error;
    }
  }

  ready(timeout: number | undefined): Promise<Readiness> {
    const whenStopped = this.stopped.then(() => readinessOf(this.rooms, this.#only()));
    return Promise.race([whenStopped, whenReady(this.rooms, () => this.#only(), timeout)]);
  }

  stop(): Promise<void> {
    if (this.#phase !== 'stopping') {
      this.#phase = 'stopping';
      this.#closing = this.#close();
      this.rooms.events.emit('stopping', { at: this.rooms.clock.now() });
    }
    return this.#closing;
  }

  get gatewayUrl(): string {
    return urlOf(this.rooms.gateway.address);
  }

  get adminUrl(): string {
    return urlOf(this.#admin.address);
  }

  async #close(): Promise<void> {
    await this.#opening.catch(() => {}); // what failed there, `start` tells
    try {
      await this.#scope.close();
    } finally {
      this.#resolveStopped();
    }
  }

  /** Each closer is told before its room opens, in the reverse of the order in which they shall close. */
  async #open(): Promise<void> {
    const { snapshot, registry, accessLog, traces, gateway, health, supervisor, budgets, alerts } = this.rooms;
    if (this.#wanted !== undefined) withDependencies(snapshot, this.#wanted); // throws for one that is not there
    if (snapshot.file !== undefined || snapshot.registry.store === 'file') {
      this.#scope.defer(await claim(snapshot.directory));
    }
    if (snapshot.file !== undefined) await this.#reap(snapshot.directory);

    this.#scope.defer(() => registry.close());
    const warning = await registry.restore((name) => firstHealth(configOf(snapshot, name)));
    if (warning !== undefined) this.notices.push(warning);

    this.#scope.defer(() => this.#admin.close());
    this.#scope.defer(() => health.close());
    this.#scope.defer(() => traces.close()); // what services tell when they end is relayed
    this.#scope.defer(() => supervisor.stop()); // after the gateway has drained: what is under way needs its service
    this.#scope.defer(() => accessLog.close()); // what the gateway ends, it still tells
    accessLog.configure(snapshot.telemetry.accessLog);
    this.#scope.defer(() => traces.flush()); // the collector may be a service itself
    await traces.configure(snapshot.telemetry.traces, snapshot.name);
    this.#scope.defer(() => gateway.close());
    await gateway.open();
    this.#scope.defer(() => this.#alertResponse.close()); // before the gateway: who is told may be a service behind it
    await this.#admin.open(snapshot.admin.port, snapshot.claimedPorts);
    this.#noticePort('gateway', snapshot.gateway.port, gateway.address);
    this.#noticePort('admin API', snapshot.admin.port, this.#admin.address);
    this.notices.push(...(await dropUncallable(registry, snapshot, this.#ownAddresses())));

    this.#scope.defer(() => removeRunFile(snapshot.directory, process.pid));
    await this.#announce();
    if (this.#phase === 'stopping') throw new MeshError('shutting_down', 'The mesh was stopped while it started');
    health.start();
    this.#scope.defer(() => alerts.close()); // before anything else ends: that instances leave then is no alarm
    this.#scope.defer(() => budgets.close());
    budgets.configure(snapshot);
    alerts.configure(snapshot.alerts);
    await supervisor.apply(snapshot.services, this.#only());
    if (snapshot.file !== undefined) await this.#watch(snapshot.file);
  }

  /** What an earlier mesh left running when it was killed. */
  async #reap(directory: string): Promise<void> {
    const reaped = await reapOrphans(join(stateFolder(directory), 'processes.json'), this.rooms.clock);
    if (reaped.length === 0) return;
    const names = reaped.map(({ replica, pid }) => `${replica} (pid ${pid})`).join(', ');
    this.notices.push(`ended what an earlier mesh left running: ${names}`);
  }

  async #watch(file: string): Promise<void> {
    const onChange = () => void this.#reloader.reload();
    const watch = await watchFile(file, { onChange, clock: this.rooms.clock });
    this.#scope.defer(async () => {
      await watch.close();
      await this.#reloader.settled();
    });
    onChange(); // an edit since the file was read, of which the watch has seen nothing
    await this.#reloader.settled();
  }

  /** Tells commands where this mesh is. */
  async #announce(): Promise<void> {
    const { name, file, directory } = this.rooms.snapshot;
    if (file === undefined) return;
    await writeRunFile(directory, {
      pid: process.pid,
      name,
      file,
      adminUrl: this.adminUrl,
      gatewayUrl: this.gatewayUrl,
      token: this.token,
    });
  }

  async #applied(): Promise<void> {
    const { registry, snapshot } = this.rooms;
    for (const notice of await dropUncallable(registry, snapshot, this.#ownAddresses())) this.#warn(notice);
    await this.#announce();
  }

  #only(): ReadonlySet<string> | undefined {
    const { snapshot } = this.rooms;
    return (
      this.#wanted &&
      withDependencies(
        snapshot,
        this.#wanted.filter((name) => snapshot.services.has(name)),
      )
    );
  }

  #ownAddresses(): Address[] {
    return [...this.rooms.gateway.ownAddresses(), ...this.#admin.addresses()];
  }

  #noticePort(what: string, { port, named }: PortWish, bound: Address): void {
    if (named || port === bound.port) return;
    this.notices.push(`port ${port} is taken: the ${what} listens on ${formatAddress(bound)}`);
  }

  #warn(message: string): void {
    const at = this.rooms.clock.now();
    this.rooms.events.emit('event', narrateMesh('warning', message, at));
  }

  #narrate(): void {
    const { registry, supervisor, events, clock, alerts } = this.rooms;
    registry.on((event) => events.emit('event', narrateRegistry(event, clock.now())));
    supervisor.on('state', (status) => events.emit('event', narrateProcess(status, clock.now())));
    supervisor.on('output', (line) => events.emit('output', line));
    alerts.on((change) => {
      const event = narrateAlert(change);
      if (event !== undefined) events.emit('event', event);
    });
  }

  async #environmentOf(service: ServiceConfig, replica: string, port: number | undefined) {
    const doors = new Map<string, Address>();
    for (const peer of this.rooms.snapshot.services.values()) {
      if (peer.expose && peer.name !== service.name) {
        doors.set(peer.name, await this.rooms.gateway.door(service.name, peer.name));
      }
    }
    return environmentOf(service, replica, port, { ...this.#surroundings(), doors });
  }

  #surroundings() {
    const { gatewayUrl, adminUrl, token } = this;
    return { inherited: this.#environment, gatewayUrl, adminUrl, token };
  }

  #status(): StatusView {
    const { ready, waiting, stuck } = readinessOf(this.rooms, this.#only());
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
      revision: { ...this.rooms.revision },
      rejected: [...this.#reloader.rejected],
    };
  }
}
