import type { SloConfig } from '../../config/alert-configs.js';
import type { Snapshot } from '../../config/snapshot.js';
import { configOf } from '../../config/snapshot.js';
import type { Cancel, Clock } from '../../foundation/clock.js';
import type { BudgetReading, Counts } from './error-budget.js';
import { ErrorBudget } from './error-budget.js';

export interface BudgetSources {
  readonly clock: Clock;
  /** Those that can be called. */
  services(): readonly string[];
  /** What has happened to a service since it came. */
  counts(service: string): Counts;
}

/** Milliseconds between two counts. */
const interval = 1_000;

/** The error budgets of the services that have an objective. They are counted while one of them may have; else no timer runs. */
export class ErrorBudgets {
  readonly #sources: BudgetSources;
  readonly #budgets = new Map<string, ErrorBudget>();
  #objectiveOf: (service: string) => SloConfig | undefined = () => undefined;
  #cancelTick: Cancel = () => {};
  #isClosed = false;

  constructor(sources: BudgetSources) {
    this.#sources = sources;
  }

  /** What is counted goes on where the window stays; another promise for it changes only what the counts are held against. */
  configure(snapshot: Snapshot): void {
    this.#objectiveOf = (service) => configOf(snapshot, service).slo;
    this.#cancelTick();
    if (this.#isClosed) return; // a reload while the mesh drains
    const configs = [...snapshot.services.values(), snapshot.unlisted];
    if (configs.some(({ slo }) => slo !== undefined)) this.#tick();
    else this.#budgets.clear();
  }

  /** Up to now; undefined where nothing is promised. */
  of(service: string): BudgetReading | undefined {
    const objective = this.#objectiveOf(service);
    if (objective === undefined) return undefined;
    const budget = this.#count(service, objective);
    const { availability } = objective;
    return { ...objective, remaining: budget.remaining(availability), burnRate: budget.burnRate(availability) };
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTick();
  }

  #tick(): void {
    const services = new Set(this.#sources.services());
    for (const service of services) {
      const objective = this.#objectiveOf(service);
      if (objective === undefined) this.#budgets.delete(service);
      else this.#count(service, objective);
    }
    for (const service of this.#budgets.keys()) if (!services.has(service)) this.#budgets.delete(service);
    this.#cancelTick = this.#sources.clock.after(interval, () => this.#tick());
  }

  #count(service: string, { window }: SloConfig): ErrorBudget {
    const now = this.#sources.clock.monotonic();
    const counts = this.#sources.counts(service);
    const known = this.#budgets.get(service);
    if (known?.window === window) {
      known.count(now, counts);
      return known;
    }
    const opened = new ErrorBudget(window, now, counts);
    this.#budgets.set(service, opened);
    return opened;
  }
}
