import type { OutlierDetectionConfig } from '../config/policy-configs.js';
import type { Verdict } from '../exchange/verdict.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';
import { laggardsAmong } from './outlier-rates.js';
import { OutlierRecord } from './outlier-record.js';

export interface OutlierRooms {
  readonly registry: Pick<Registry, 'eject' | 'readmit' | 'service'>;
  readonly clock: Clock;
}

/**
 * Outlier detection of one service, as Envoy's: an instance that keeps failing, or fails more than its siblings, gets no
 * requests for a while, and longer each time. With few instances a percentage would round down to nobody, so one may always
 * be out (Envoy: always_eject_one_host); but never the last one of its version that gets requests: for that, a breaker is the
 * better tool.
 *
 * Unlike Envoy's, an ejection ends at its own time and not at the next interval, so that what people are told is true.
 */
export class OutlierDetector {
  readonly #service: string;
  readonly #rooms: OutlierRooms;
  #config: OutlierDetectionConfig;
  readonly #records = new Map<Instance, OutlierRecord>();
  /** How many are out. */
  #out = 0;
  /** Set while an interval runs: from the first verdict, until nothing is held against anybody. */
  #cancelInterval: Cancel | undefined;
  #isClosed = false;

  constructor(service: string, config: OutlierDetectionConfig, rooms: OutlierRooms) {
    this.#service = service;
    this.#config = config;
    this.#rooms = rooms;
  }

  /** After a reload. Who is out stays so for as long as was said; what has been counted still counts. */
  update(config: OutlierDetectionConfig): void {
    const isOtherInterval = config.interval !== this.#config.interval;
    this.#config = config;
    if (!isOtherInterval || this.#cancelInterval === undefined) return;
    this.#stopInterval();
    this.#beginInterval();
  }

  /** One attempt. Those that were under way when their instance was ejected, is leaving or has left say nothing new. */
  record(instance: Instance, verdict: Exclude<Verdict, 'none'>): void {
    const record = this.#records.get(instance) ?? this.#meet(instance);
    if (record === undefined || record.isOut || instance.health === 'draining') return;
    record.count(verdict);
    if (this.#cancelInterval === undefined) this.#beginInterval();
    const reason = record.reasonToEject(this.#config);
    if (reason !== undefined) this.#eject(instance, record, reason);
  }

  /** To be called when an instance has left. */
  forget(instance: Instance): void {
    const record = this.#records.get(instance);
    if (record === undefined) return;
    this.#records.delete(instance);
    if (record.isOut) this.#out--;
    record.cancelReturn?.();
    if (this.#records.size === 0) this.#stopInterval();
  }

  /** Whoever is out gets requests again at once: for a reload that wants no outlier detection any more. */
  readmitAll(): void {
    for (const [instance, record] of this.#records) {
      if (!record.isOut) continue;
      record.cancelReturn?.();
      this.#readmit(instance, record);
    }
  }

  /** Ends all timers and hears nothing more. Nobody is readmitted. */
  close(): void {
    this.#isClosed = true;
    this.#stopInterval();
    for (const record of this.#records.values()) record.cancelReturn?.();
    this.#records.clear();
  }

  #meet(instance: Instance): OutlierRecord | undefined {
    const isKnown = this.#rooms.registry.service(this.#service)?.instances.includes(instance) ?? false;
    if (this.#isClosed || !isKnown) return undefined;
    const record = new OutlierRecord();
    this.#records.set(instance, record);
    return record;
  }

  #beginInterval(): void {
    this.#cancelInterval = this.#rooms.clock.after(this.#config.interval, () => this.#endInterval());
  }

  #stopInterval(): void {
    this.#cancelInterval?.();
    this.#cancelInterval = undefined;
  }

  #endInterval(): void {
    this.#ejectLaggards();
    let isAllForgiven = true;
    for (const record of this.#records.values()) {
      record.endInterval();
      isAllForgiven &&= record.isForgiven;
    }
    this.#cancelInterval = undefined;
    if (!isAllForgiven) this.#beginInterval();
  }

  #ejectLaggards(): void {
    const { successRateStdevFactor, successRateMinimumHosts, successRateRequestVolume } = this.#config;
    if (successRateStdevFactor === 0) return;
    const rates = [...this.#records].flatMap((of) => {
      const rate = of[1].successRate(successRateRequestVolume);
      return rate === undefined ? [] : [{ of, rate }];
    });
    if (rates.length < successRateMinimumHosts) return;
    for (const { of, rate, siblings } of laggardsAmong(rates, successRateStdevFactor)) {
      const [instance, record] = of;
      this.#eject(instance, record, `success rate ${inPercent(rate)} beside ${inPercent(siblings)} of its siblings`);
    }
  }

  #eject(instance: Instance, record: OutlierRecord, reason: string): void {
    if (!this.#mayLoseAnother(instance)) return;
    const { registry, clock } = this.#rooms;
    const duration = record.eject(this.#config);
    this.#out++;
    record.cancelReturn = clock.after(duration, () => this.#readmit(instance, record));
    registry.eject(this.#service, instance.id, { until: clock.now() + duration, reason });
  }

  #mayLoseAnother(instance: Instance): boolean {
    const service = this.#rooms.registry.service(this.#service);
    if (!service?.routable.some((other) => other !== instance && other.version === instance.version)) return false;
    return this.#out === 0 || (this.#out + 1) / service.instances.length <= this.#config.maxEjectionPercent;
  }

  #readmit(instance: Instance, record: OutlierRecord): void {
    record.cancelReturn = undefined;
    this.#out--;
    this.#rooms.registry.readmit(this.#service, instance.id);
  }
}

/** To a tenth, where there is one: 99.4 % is not 100 %. */
function inPercent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
