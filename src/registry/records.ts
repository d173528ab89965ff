import type { Ejection, Health, Instance, InstanceSource, InstanceSpec } from './instance.js';
import { isRoutable } from './instance.js';
import type { RunningLease } from './lease.js';
import type { Service } from './service.js';
import type { StoredInstance } from './store.js';

/** All that an instance may say otherwise tomorrow, but for its health. */
export function whatCanChange(record: InstanceRecord): unknown {
  const { weight, version, metadata, source, lease } = record;
  return { weight, version, metadata, source, ttl: lease?.ttl };
}

/** The registry's own side of an instance: here it can be changed. */
export class InstanceRecord implements Instance {
  readonly service: string;
  readonly id: string;
  readonly address: Instance['address'];
  weight: number;
  version: string | undefined;
  metadata: Readonly<Record<string, string>>;
  source: InstanceSource;
  /** What its checks say, or that it is leaving. */
  verdict: Health;
  verdictReason: string | undefined = undefined;
  ejection: Ejection | undefined = undefined;
  lease: RunningLease | undefined = undefined;
  routableSince: number | undefined = undefined;

  constructor(service: string, spec: InstanceSpec, source: InstanceSource, health: Health) {
    this.service = service;
    this.id = spec.id;
    this.address = spec.address;
    this.weight = spec.weight;
    this.version = spec.version;
    this.metadata = spec.metadata;
    this.source = source;
    this.verdict = health;
  }

  /** One that is leaving stays so; else an ejection counts more than the checks, which may look elsewhere than the requests. */
  get health(): Health {
    return this.ejection === undefined || this.verdict === 'draining' ? this.verdict : 'ejected';
  }

  get healthReason(): string | undefined {
    return this.health === 'ejected' ? this.ejection?.reason : this.verdictReason;
  }
}

/** The registry's own side of a service. */
export class ServiceEntry implements Service {
  readonly name: string;
  declared = false;
  records: readonly InstanceRecord[] = [];
  routable: readonly Instance[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get instances(): readonly Instance[] {
    return this.records;
  }

  /** After each change, so that a request never filters. @param now milliseconds on the monotonic clock */
  refresh(now: number): void {
    for (const record of this.records) {
      record.routableSince = isRoutable(record) ? (record.routableSince ?? now) : undefined;
    }
    this.routable = this.records.filter(isRoutable);
  }
}

/** What outlives the mesh. */
export function registrationsOf(entries: Iterable<ServiceEntry>): StoredInstance[] {
  return [...entries].flatMap(({ name, records }) =>
    records
      .filter(({ source, health }) => source === 'registered' && health !== 'draining')
      .map(({ id, address, weight, version, metadata, lease }) => {
        return { service: name, id, address, weight, version, metadata, ttl: lease?.ttl };
      }),
  );
}
