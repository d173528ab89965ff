import type { Clock } from '../foundation/clock.js';
import { Emitter } from '../foundation/emitter.js';
import { MeshError, messageOf } from '../foundation/errors.js';
import type { RegistryEvent, RegistryEvents, RemovalReason } from './events.js';
import type { Ejection, Health, Instance, InstanceSource, InstanceSpec } from './instance.js';
import type { InstanceRecord } from './records.js';
import { registrationsOf } from './records.js';
import type { Registration } from './registration.js';
import { toSpec } from './registration.js';
import { Roster } from './roster.js';
import type { Service } from './service.js';
import type { RegistryStore } from './store.js';
import { StoreWriter } from './store-writer.js';

/**
 * The single source of truth for what runs where, and the only door for changing it. Everything but the durability of
 * registrations is synchronous: when a call returns, the next request sees what it did.
 */
export class Registry {
  readonly #store: RegistryStore;
  readonly #writer: StoreWriter;
  readonly #roster: Roster;
  readonly #events = new Emitter<RegistryEvents>();
  #isClosed = false;

  constructor(clock: Clock, store: RegistryStore) {
    this.#store = store;
    this.#roster = new Roster(clock, {
      changed: (event) => this.#events.emit('change', event),
      registrationsChanged: () => this.#writer.schedule(),
    });
    this.#writer = new StoreWriter(store, () => registrationsOf(this.#roster.entries.values()));
  }

  /** Tells `listener` of every change from now on; the answer ends it. */
  on(listener: (event: RegistryEvent) => void): () => void {
    return this.#events.on('change', listener);
  }

  service(name: string): Service | undefined {
    return this.#roster.entries.get(name);
  }

  /** In the order in which they came. */
  get services(): readonly Service[] {
    return [...this.#roster.entries.values()];
  }

  instance(service: string, id: string): Instance | undefined {
    return this.#roster.find(service, id);
  }

  /** Names a service of the mesh file: it is there, with or without instances. */
  declare(service: string): void {
    this.#roster.open(service).declared = true;
  }

  /** The mesh file names it no more; it stays for as long as registered instances serve it. */
  undeclare(service: string): void {
    const entry = this.#roster.entries.get(service);
    if (entry === undefined) return;
    entry.declared = false;
    this.#roster.dropIfEmpty(entry);
  }

  /** Adds an instance, or makes the one with that id what `spec` says. A new address is a new instance under the old id. */
  put(service: string, spec: InstanceSpec, source: InstanceSource, health: Health): Instance {
    return this.#roster.place(service, spec, source, health, undefined);
  }

  /** Takes out an instance. */
  remove(service: string, id: string, reason: RemovalReason): void {
    const record = this.#roster.find(service, id);
    if (record !== undefined) this.#roster.remove(record, reason);
  }

  /** @param reason a few words on why it is not healthy. */
  setHealth(service: string, id: string, health: Health, reason?: string): void {
    const record = this.#roster.find(service, id);
    if (record !== undefined) this.#roster.judge(record, { verdict: health, verdictReason: reason });
  }

  /** Takes an instance out of rotation for what it has answered; its checks go on beneath. */
  eject(service: string, id: string, ejection: Ejection): void {
    const record = this.#roster.find(service, id);
    if (record !== undefined) this.#roster.judge(record, { ejection });
  }

  /** Ends an ejection: what the checks say counts again. */
  readmit(service: string, id: string): void {
    const record = this.#roster.find(service, id);
    if (record !== undefined) this.#roster.judge(record, { ejection: undefined });
  }

  /** Brings back what was registered before the last stop, leases anew. The answer is a warning, when something was lost or set aside. */
  async restore(initialHealth: (service: string) => Health): Promise<string | undefined> {
    const { instances, warning } = await this.#store.load();
    for (const stored of instances) {
      if (this.#roster.find(stored.service, stored.id) !== undefined) continue; // the mesh file has taken it over, or somebody registered it before the start
      this.#roster.place(stored.service, stored, 'registered', initialHealth(stored.service), stored.ttl);
    }
    this.#writer.open();
    return warning;
  }

  /**
   * Registers an instance at run time; the same id again is an update. Resolves when it is durable; before `restore`, it
   * will be by then.
   * @throws invalid_registration, forbidden_target, file_inaccessible, shutting_down
   */
  async register(service: string, registration: Registration, health: Health): Promise<Instance> {
    this.#refuseWhenClosed();
    const spec = toSpec(service, registration);
    const known = this.#roster.find(service, spec.id);
    if (known !== undefined && known.source !== 'registered') {
      const owner = known.source === 'file' ? 'of the mesh file' : 'that the mesh runs';
      throw new MeshError('invalid_registration', `\`${spec.id}\` is an instance of \`${service}\` ${owner}`, {
        hint: 'Choose another id; what the mesh file says cannot be changed from outside.',
      });
    }
    const instance = this.#roster.place(service, spec, 'registered', health, registration.ttl);
    await this.#keep();
    return instance;
  }

  /**
   * Takes out a registered instance, by id or address. Resolves when that is durable.
   * @param finishing resolves when it has answered what it has in hand: until then it is draining. undefined when that is nothing
   * @throws unknown_service, unknown_instance, not_registered, file_inaccessible, shutting_down
   */
  async deregister(
    service: string,
    idOrAddress: string,
    finishing: (instance: Instance) => Promise<void> | undefined = () => undefined,
  ): Promise<Instance> {
    this.#refuseWhenClosed();
    const record = this.#roster.require(service, idOrAddress);
    if (record.source !== 'registered') {
      throw new MeshError('not_registered', `\`${record.id}\` of \`${service}\` was not registered at run time`);
    }
    const finished = finishing(record);
    if (finished === undefined) this.remove(service, record.id, 'deregistered');
    else this.#drain(record, finished);
    await this.#keep();
    return record;
  }

  /**
   * Renews a lease. An instance without one is left as it is.
   * @throws unknown_service, unknown_instance (the lease has expired: register again)
   */
  heartbeat(service: string, id: string): Instance {
    const record = this.#roster.require(service, id);
    record.lease?.renew();
    return record;
  }

  /** Ends the leases' timers and waits for the last write. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#roster.close();
    await this.#writer.close();
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new MeshError('shutting_down', 'The mesh has stopped');
  }

  /** It is done already, and stays so: a caller that hears of a failure must know what holds. */
  async #keep(): Promise<void> {
    try {
      await this.#writer.flush();
    } catch (cause) {
      const message = `The change is in force, but will not outlive the mesh: ${messageOf(cause)}`;
      throw new MeshError('file_inaccessible', message, { cause });
    }
  }

  /** It gets no new requests, and leaves when it has finished what it has; or stays, when it is registered anew before that. */
  #drain(record: InstanceRecord, finished: Promise<void>): void {
    record.lease?.end();
    this.setHealth(record.service, record.id, 'draining', 'deregistered');
    this.#writer.schedule();
    void finished.then(() => {
      if (record.health === 'draining') this.remove(record.service, record.id, 'deregistered');
    });
  }
}
