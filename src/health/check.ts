import type { HealthCheckConfig } from '../config/snapshot.js';
import type { Clock } from '../foundation/clock.js';
import { pause } from '../foundation/clock.js';
import { formatDuration } from '../foundation/units.js';
import type { Instance } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';
import type { Probe } from './probes/probe.js';
import { selectProbe } from './probes/select.js';
import type { ProbeResult, Verdict } from './verdict.js';
import { healthOf, healthy, judge, unproven } from './verdict.js';

/** How an instance is checked, and for how long. */
export interface CheckPlan {
  readonly check: HealthCheckConfig;
  /** first-success: only until it has passed once; then it is left in peace. */
  readonly until: 'forever' | 'first-success';
}

/** Milliseconds between probes of an instance that has not passed yet: a start is felt by the person who waits for it. */
const startUpInterval = 100;
/** Milliseconds of that haste: whoever has not come up by then is down, and is asked at the usual pace. */
const startUpTime = 60_000;

/**
 * The checks of one instance, one probe after the other. There is no jitter as in Envoy: a few dozen probes at once are
 * nothing to a laptop, and each instance's pace begins with its own start anyway.
 */
export class InstanceCheck {
  readonly instance: Instance;
  readonly plan: CheckPlan;
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #probe: Probe;
  readonly #begunAt: number;
  #verdict: Verdict;
  /** Ends the probe or the rest that is under way. */
  #cut = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #ended = false;

  /** @param earlier what a check by another plan has come to think of the instance */
  constructor(
    rooms: { readonly registry: Registry; readonly clock: Clock },
    instance: Instance,
    plan: CheckPlan,
    earlier?: Verdict,
  ) {
    this.instance = instance;
    this.plan = plan;
    this.#registry = rooms.registry;
    this.#clock = rooms.clock;
    this.#begunAt = rooms.clock.monotonic();
    this.#verdict = earlier ?? (instance.health === 'healthy' ? healthy : unproven);
    this.#probe = selectProbe(plan.check.probe, instance.id);
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  begin(): void {
    this.#running = this.#run();
  }

  /** Says nothing more from now on; resolves when the last socket is closed. */
  end(): Promise<void> {
    this.#ended = true;
    this.#cut.abort();
    return this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ended && !this.#isDone()) {
      const result = await this.#ask();
      if (this.#ended) return;
      this.#verdict = judge(this.#verdict, result, this.plan.check);
      this.#tell(result);
      if (!this.#isDone()) await this.#rest();
    }
  }

  async #ask(): Promise<ProbeResult> {
    const { timeout } = this.plan.check;
    const cut = new AbortController();
    this.#cut = cut;
    let late = false;
    const cancel = this.#clock.after(timeout, () => {
      late = true;
      cut.abort();
    });
    const result = await this.#probe(this.instance.address, cut.signal);
    cancel();
    return late && result.kind === 'failed'
      ? {
          kind: 'failed',
          reason: `no answer within ${formatDuration(timeout)}`,
        }
      : result;
  }

  #rest(): Promise<void> {
    this.#cut = new AbortController();
    return pause(this.#clock, this.#untilNext(), this.#cut.signal);
  }

  #tell(result: ProbeResult): void {
    const health = healthOf(this.#verdict, this.plan.check);
    if (health === undefined || !isOurs(this.instance)) return;
    const { service, id } = this.instance;
    const reason = result.kind === 'failed' && health === 'unhealthy' ? result.reason : undefined;
    this.#registry.setHealth(service, id, health, reason);
  }

  #untilNext(): number {
    const { interval } = this.plan.check;
    const starting = this.#verdict.kind === 'unproven' && this.#clock.monotonic() - this.#begunAt < startUpTime;
    return starting ? Math.min(startUpInterval, interval) : interval;
  }

  #isDone(): boolean {
    return this.plan.until === 'first-success' && this.#verdict.kind === 'healthy';
  }
}

/** An instance that is leaving is not called back by a probe that passes. */
export function isOurs({ health }: Instance): boolean {
  return health !== 'draining';
}
