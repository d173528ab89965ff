import { isDeepStrictEqual } from 'node:util';
import { formatAddress } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import type { RegistryEvent, RemovalReason } from './events.js';
import type { Health, InstanceSource, InstanceSpec } from './instance.js';
import { startLease } from './lease.js';
import { InstanceRecord, ServiceEntry, whatCanChange } from './records.js';

export interface RosterEvents {
  /** Something is otherwise than it was. */
  readonly changed: (event: RegistryEvent) => void;
  /** What is to outlive the mesh is otherwise than it was. */
  readonly registrationsChanged: () => void;
}

/** Who is there, in memory: the registry's own side, which keeps services, instances and leases in step with each other. */
export class Roster {
  readonly entries = new Map<string, ServiceEntry>();
  readonly #clock: Clock;
  readonly #tell: RosterEvents;

  constructor(clock: Clock, tell: RosterEvents) {
    this.#clock = clock;
    this.#tell = tell;
  }

  find(service: string, id: string): InstanceRecord | undefined {
    return this.entries.get(service)?.records.find((record) => record.id === id);
  }

  /** @throws unknown_service, unknown_instance */
  require(service: string, idOrAddress: string): InstanceRecord {
    const entry = this.entries.get(service);
    if (entry === undefined) throw new MeshError('unknown_service', `There is no service \`${service}\``);
    const record = entry.records.find(
      ({ id, address }) => id === idOrAddress || formatAddress(address) === idOrAddress,
    );
    if (record === undefined) {
      throw new MeshError('unknown_instance', `\`${service}\` has no instance \`${idOrAddress}\``);
    }
    return record;
  }

  open(name: string): ServiceEntry {
    const known = this.entries.get(name);
    if (known !== undefined) return known;
    const entry = new ServiceEntry(name);
    this.entries.set(name, entry);
    this.#tell.changed({ type: 'service-added', service: name });
    return entry;
  }

  dropIfEmpty(entry: ServiceEntry): void {
    if (entry.declared || entry.records.length > 0) return;
    this.entries.delete(entry.name);
    this.#tell.changed({ type: 'service-removed', service: entry.name });
  }

  /** @param ttl of its lease; one that an instance had before ends here, whoever takes it over */
  place(
    service: string,
    spec: InstanceSpec,
    source: InstanceSource,
    health: Health,
    ttl: number | undefined,
  ): InstanceRecord {
    const entry = this.open(service);
    const known = this.find(service, spec.id);
    if (known?.health === 'draining') this.judge(known, { verdict: health, verdictReason: undefined }); // it has come back
    if (known !== undefined && formatAddress(known.address) === formatAddress(spec.address))
      return this.#update(entry, known, spec, source, ttl);
    const record = new InstanceRecord(service, spec, source, health);
    this.#lease(record, ttl);
    if (known !== undefined) this.#take(entry, known, known.source === source ? 'moved' : 'replaced');
    if (known?.source === 'registered' && source !== 'registered') this.#tell.registrationsChanged();
    entry.records = [...entry.records, record];
    entry.refresh(this.#clock.monotonic());
    this.#tell.changed({ type: 'instance-added', service, instance: record });
    return record;
  }

  remove(record: InstanceRecord, reason: RemovalReason): void {
    const entry = this.open(record.service);
    this.#take(entry, record, reason);
    this.dropIfEmpty(entry);
    if (record.source === 'registered') this.#tell.registrationsChanged();
  }

  /** Changes what is thought of an instance's health, and tells when that makes a difference. */
  judge(record: InstanceRecord, change: Partial<Pick<InstanceRecord, 'verdict' | 'verdictReason' | 'ejection'>>): void {
    const from = record.health;
    Object.assign(record, change);
    const to = record.health;
    if (from === to) return;
    this.entries.get(record.service)?.refresh(this.#clock.monotonic());
    this.#tell.changed({ type: 'health-changed', service: record.service, instance: record, from, to });
  }

  /** No lease ends any more. */
  close(): void {
    for (const entry of this.entries.values()) for (const record of entry.records) record.lease?.end();
  }

  #lease(record: InstanceRecord, ttl: number | undefined): void {
    record.lease?.end();
    const expire = () => this.remove(record, 'expired');
    record.lease = ttl === undefined ? undefined : startLease(this.#clock, ttl, expire);
  }

  #update(
    entry: ServiceEntry,
    record: InstanceRecord,
    spec: InstanceSpec,
    source: InstanceSource,
    ttl: number | undefined,
  ): InstanceRecord {
    const before = whatCanChange(record);
    if (record.source === 'registered' && source !== 'registered') this.#tell.registrationsChanged(); // taken over
    record.weight = spec.weight;
    record.version = spec.version;
    record.metadata = spec.metadata;
    record.source = source;
    this.#lease(record, ttl);
    if (isDeepStrictEqual(before, whatCanChange(record))) return record;
    entry.refresh(this.#clock.monotonic());
    this.#tell.changed({ type: 'instance-updated', service: entry.name, instance: record });
    return record;
  }

  #take(entry: ServiceEntry, record: InstanceRecord, reason: RemovalReason): void {
    record.lease?.end();
    entry.records = entry.records.filter((other) => other !== record);
    entry.refresh(this.#clock.monotonic());
    this.#tell.changed({ type: 'instance-removed', service: entry.name, instance: record, reason });
  }
}
