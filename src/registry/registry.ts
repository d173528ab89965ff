import { isDeepStrictEqual } from 'node:util';
import { formatAddress } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { Emitter } from '../foundation/emitter.js';
import { MeshError, messageOf } from '../foundation/errors.js';
import type { RegistryEvent, RegistryEvents, RemovalReason } from './events.js';
import type { Ejection, Health, Instance, InstanceSource, InstanceSpec } from './instance.js';
import { startLease } from './lease.js';
import { InstanceRecord, registrationsOf, ServiceEntry, whatCanChange } from './records.js';
import type { Registration } from './registration.js';
import { toSpec } from './registration.js';
import type { Service } from './service.js';
import type { RegistryStore } from './store.js';
import { StoreWriter } from './store-writer.js';

/**
 * The single source of truth for what runs where, and the only door for changing it. Everything but the durability of
 * registrations is synchronous: when a call returns, the next request sees what it did.
 */
export class Registry {
  readonly #clock: Clock;
  readonly #store: RegistryStore;
  readonly #writer: StoreWriter;
  readonly #services = new Map<string, ServiceEntry>();
  readonly #events = new Emitter<RegistryEvents>();
  #isClosed = false;

  constructor(clock: Clock, store: RegistryStore) {
    this.#clock = clock;
    this.#store = store;
    this.#writer = new StoreWriter(store, () => registrationsOf(this.#services.values()));
  }

  /** Tells `listener` of every change from now on; the answer ends it. */
  on(listener: (event: RegistryEvent) => void): () => void {
    return this.#events.on('change', listener);
  }

  service(name: string): Service | undefined {
    return this.#services.get(name);
  }

  /** In the order in which they came. */
  get services(): readonly Service[] {
    return [...this.#services.values()];
  }

  instance(service: string, id: string): Instance | undefined {
    return this.#find(service, id);
  }

  /** Names a service of the mesh file: it is there, with or without instances. */
  declare(service: string): void {
    this.#open(service).declared = true;
  }

  /** The mesh file names it no more; it stays for as long as registered instances serve it. */
  undeclare(service: string): void {
    const entry = this.#services.get(service);
    if (entry === undefined) return;
    entry.declared = false;
    this.#dropIfEmpty(entry);
  }

  /** Adds an instance, or makes the one with that id what `spec` says. A new address is a new instance under the old id. */
  put(service: string, spec: InstanceSpec, source: InstanceSource, health: Health): Instance {
    return this.#place(service, spec, source, health, undefined);
  }

  /** Takes out an instance. */
  remove(service: string, id: string, reason: RemovalReason): void {
    const entry = this.#services.get(service);
    const record = this.#find(service, id);
    if (entry === undefined || record === undefined) return;
    this.#take(entry, record, reason);
    this.#dropIfEmpty(entry);
    if (record.source === 'registered') this.#writer.schedule();
  }

  /** @param reason a few words on why it is not healthy. */
  setHealth(service: string, id: string, health: Health, reason?: string): void {
    this.#judge(service, id, (record) => {
      record.verdict = health;
      record.verdictReason = reason;
    });
  }

  /** Takes an instance out of rotation for what it has answered; its checks go on beneath. */
  eject(service: string, id: string, ejection: Ejection): void {
    this.#judge(service, id, (record) => {
      record.ejection = ejection;
    });
  }

  /** Ends an ejection: what the checks say counts again. */
  readmit(service: string, id: string): void {
    this.#judge(service, id, (record) => {
      record.ejection = undefined;
    });
  }

  /** Brings back what was registered before the last stop, leases anew. The answer is a warning, when something was lost or set aside. */
  async restore(initialHealth: (service: string) => Health): Promise<string | undefined> {
    const { instances, warning } = await this.#store.load();
    for (const stored of instances) {
      if (this.#find(stored.service, stored.id) !== undefined) continue; // the mesh file has taken it over, or somebody registered it before the start
      this.#place(stored.service, stored, 'registered', initialHealth(stored.service), stored.ttl);
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
    const known = this.#find(service, spec.id);
    if (known !== undefined && known.source !== 'registered') {
      const owner = known.source === 'file' ? 'of the mesh file' : 'that the mesh runs';
      throw new MeshError('invalid_registration', `\`${spec.id}\` is an instance of \`${service}\` ${owner}`, {
        hint: 'Choose another id; what the mesh file says cannot be changed from outside.',
      });
    }
    const instance = this.#place(service, spec, 'registered', health, registration.ttl);
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
    const record = this.#require(service, idOrAddress);
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
    const record = this.#require(service, id);
    record.lease?.renew();
    return record;
  }

  /** Ends the leases' timers and waits for the last write. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const entry of this.#services.values()) for (const record of entry.records) record.lease?.end();
    await this.#writer.close();
  }

  /** Changes what is thought of an instance's health, and tells when that makes a difference. */
  #judge(service: string, id: string, change: (record: InstanceRecord) => void): void {
    const record = this.#find(service, id);
    if (record === undefined) return;
    const from = record.health;
    change(record);
    const to = record.health;
    if (from === to) return;
    this.#services.get(service)?.refresh();
    this.#emit({ type: 'health-changed', service, instance: record, from, to });
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

  /** @param ttl of its lease; one that an instance had before ends here, whoever takes it over */
  #place(
    service: string,
    spec: InstanceSpec,
    source: InstanceSource,
    health: Health,
    ttl: number | undefined,
  ): Instance {
    const entry = this.#open(service);
    const known = this.#find(service, spec.id);
    if (known?.health === 'draining') this.setHealth(service, known.id, health); // it has come back
    if (known !== undefined && formatAddress(known.address) === formatAddress(spec.address))
      return this.#update(entry, known, spec, source, ttl);
    const record = new InstanceRecord(service, spec, source, health);
    this.#lease(record, ttl);
    if (known !== undefined) this.#take(entry, known, known.source === source ? 'moved' : 'replaced');
    if (known?.source === 'registered' && source !== 'registered') this.#writer.schedule();
    entry.records = [...entry.records, record];
    entry.refresh();
    this.#emit({ type: 'instance-added', service, instance: record });
    return record;
  }

  #lease(record: InstanceRecord, ttl: number | undefined): void {
    record.lease?.end();
    const expire = () => this.remove(record.service, record.id, 'expired');
    record.lease = ttl === undefined ? undefined : startLease(this.#clock, ttl, expire);
  }

  #update(
    entry: ServiceEntry,
    record: InstanceRecord,
    spec: InstanceSpec,
    source: InstanceSource,
    ttl: number | undefined,
  ): Instance {
    const before = whatCanChange(record);
    if (record.source === 'registered' && source !== 'registered') this.#writer.schedule(); // taken over: no registration any more
    record.weight = spec.weight;
    record.version = spec.version;
    record.metadata = spec.metadata;
    record.source = source;
    this.#lease(record, ttl);
    if (isDeepStrictEqual(before, whatCanChange(record))) return record;
    entry.refresh();
    this.#emit({ type: 'instance-updated', service: entry.name, instance: record });
    return record;
  }

  #take(entry: ServiceEntry, record: InstanceRecord, reason: RemovalReason): void {
    record.lease?.end();
    entry.records = entry.records.filter((other) => other !== record);
    entry.refresh();
    this.#emit({ type: 'instance-removed', service: entry.name, instance: record, reason });
  }

  #open(name: string): ServiceEntry {
    const known = this.#services.get(name);
    if (known !== undefined) return known;
    const entry = new ServiceEntry(name);
    this.#services.set(name, entry);
    this.#emit({ type: 'service-added', service: name });
    return entry;
  }

  #dropIfEmpty(entry: ServiceEntry): void {
    if (entry.declared || entry.records.length > 0) return;
    this.#services.delete(entry.name);
    this.#emit({ type: 'service-removed', service: entry.name });
  }

  #find(service: string, id: string): InstanceRecord | undefined {
    return this.#services.get(service)?.records.find((record) => record.id === id);
  }

  #require(service: string, idOrAddress: string): InstanceRecord {
    const entry = this.#services.get(service);
    if (entry === undefined) throw new MeshError('unknown_service', `There is no service \`${service}\``);
    const record = entry.records.find(
      ({ id, address }) => id === idOrAddress || formatAddress(address) === idOrAddress,
    );
    if (record === undefined) {
      throw new MeshError('unknown_instance', `\`${service}\` has no instance \`${idOrAddress}\``);
    }
    return record;
  }

  #emit(event: RegistryEvent): void {
    this.#events.emit('change', event);
  }
}
