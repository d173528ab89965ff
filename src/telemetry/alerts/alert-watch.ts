import { isDeepStrictEqual } from 'node:util';
import { holds } from '../../config/alert-condition.js';
import type { AlertConfig } from '../../config/alert-configs.js';
import { isOfBudget } from '../../config/alert-configs.js';
import type { Cancel, Clock } from '../../foundation/clock.js';
import { Emitter } from '../../foundation/emitter.js';
import type { Alert, AlertChange } from './alert.js';
import type { MetricSources } from './metric-values.js';
import { MetricValues } from './metric-values.js';
import type { Moment, Standing } from './standing.js';
import { atRest, ended, nextStanding } from './standing.js';

export interface AlertSources extends MetricSources {
  readonly clock: Clock;
  /** Those that can be called: an alert that names no service watches each of them. */
  services(): readonly string[];
}

/** Milliseconds between two looks. */
const interval = 1_000;

/** Looks at every alert once a second, and tells of what has become of it. Without alerts nothing runs. */
export class AlertWatch {
  readonly #sources: AlertSources;
  readonly #events = new Emitter<{ change: AlertChange }>();
  #configs: readonly AlertConfig[] = [];
  /** In the order of the mesh file, then of the services. */
  #watched: ReadonlyMap<string, Watched> = new Map();
  #cancelTick: Cancel | undefined;
  #isClosed = false;

  constructor(sources: AlertSources) {
    this.#sources = sources;
  }

  /** Calls `listener` each time that a state becomes another; the answer ends it. */
  on(listener: (change: AlertChange) => void): () => void {
    return this.#events.on('change', listener);
  }

  get alerts(): readonly Alert[] {
    return Array.from(this.#watched.values(), viewOf);
  }

  /** The names of those that fire for it. */
  firingAt(service: string): readonly string[] {
    const names: string[] = [];
    for (const { config, service: whose, standing } of this.#watched.values()) {
      if (whose === service && standing.state.kind === 'firing') names.push(config.name);
    }
    return names;
  }

  /** Takes up other alerts. One that asks the same as before stands as it did; one that is gone and fires is resolved. */
  configure(alerts: readonly AlertConfig[]): void {
    if (this.#isClosed) return; // a reload while the mesh drains
    this.#configs = alerts;
    this.#tell(this.#gather());
    if (alerts.length === 0) this.#rest();
    else this.#cancelTick ??= this.#arm();
  }

  /** Looks no more, and tells nothing of it: the mesh ends, and not the trouble. */
  close(): void {
    this.#isClosed = true;
    this.#rest();
  }

  #rest(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #arm(): Cancel {
    return this.#sources.clock.after(interval, () => {
      this.#cancelTick = this.#arm();
      this.#tell([...this.#gather(), ...this.#look()]);
    });
  }

  /** Services come and go while it runs, and alerts with a reload. */
  #gather(): AlertChange[] {
    const before = this.#watched;
    const services = this.#sources.services();
    const watched = new Map<string, Watched>();
    for (const config of this.#configs) {
      for (const service of config.service === undefined ? this.#fit(config, services) : [config.service]) {
        const key = `${service} ${config.name}`; // the name of a service has no blanks
        const known = before.get(key);
        const isSame = known !== undefined && asksTheSame(known.config, config);
        watched.set(key, isSame ? { ...known, config } : { config, service, standing: atRest, value: undefined });
      }
    }
    this.#watched = watched;
    const { now } = this.#moment();
    return [...before].flatMap(([key, old]) => {
      const next = watched.get(key);
      if (next !== undefined && next.standing === old.standing) return [];
      return changeOf(old, { ...old, standing: ended(old.standing, now), value: undefined }, now);
    });
  }

  /** A budget is watched where there is one. */
  #fit({ when }: AlertConfig, services: readonly string[]): readonly string[] {
    if (!isOfBudget(when.metric)) return services;
    return services.filter((service) => this.#sources.budget(service) !== undefined);
  }

  #look(): AlertChange[] {
    const moment = this.#moment();
    const values = new Map<string, MetricValues>();
    const valuesOf = (service: string) => {
      const known = values.get(service) ?? new MetricValues(service, this.#sources);
      values.set(service, known);
      return known;
    };
    const before = this.#watched;
    const watched = new Map<string, Watched>();
    for (const [key, old] of before) {
      const { config, service, standing } = old;
      const value = valuesOf(service).of(config.when.metric);
      const isBad = value !== undefined && holds(config.when, value);
      watched.set(key, { ...old, value, standing: nextStanding(config, standing, isBad, moment) });
    }
    this.#watched = watched;
    return [...watched].flatMap(([key, next]) => changeOf(before.get(key) ?? next, next, moment.now));
  }

  /** Once all of them are as they are now: whoever is told may look at the others. */
  #tell(changes: readonly AlertChange[]): void {
    for (const change of changes) this.#events.emit('change', change);
  }

  #moment(): Moment {
    const { clock } = this.#sources;
    return { now: clock.now(), monotonic: clock.monotonic() };
  }
}

interface Watched {
  readonly config: AlertConfig;
  readonly service: string;
  readonly standing: Standing;
  readonly value: number | undefined;
}

function viewOf({ config, service, standing, value }: Watched): Alert {
  return { config, service, state: standing.state, value };
}

function changeOf(before: Watched, after: Watched, at: number): AlertChange[] {
  const from = before.standing.state.kind;
  return from === after.standing.state.kind ? [] : [{ alert: viewOf(after), from, at }];
}

/** Who is told, and what of, is no part of what is asked. */
function asksTheSame(before: AlertConfig, after: AlertConfig): boolean {
  const asked = ({ when, for: time, keepFiringFor }: AlertConfig) => [when, time, keepFiringFor];
  return isDeepStrictEqual(asked(before), asked(after));
}
