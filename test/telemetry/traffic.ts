import { Socket } from 'node:net';
import { Body } from '../../src/exchange/body.js';
import type { Attempt, Exchange, UpgradeRequest, Wait } from '../../src/exchange/exchange.js';
import type { Outcome } from '../../src/exchange/outcome.js';
import { Fields } from '../../src/http1/fields.js';
import type { Instance } from '../../src/registry/instance.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import type { Measure } from '../../src/telemetry/measure.js';
import { exchangeOf } from '../support/exchange.js';
import type { ManualClock } from '../support/manual-clock.js';

/** How a request went; what is left out is a GET from outside that an instance has answered with 200 and no body. */
export interface Trip {
  readonly service?: string | undefined;
  readonly caller?: string;
  readonly route?: string;
  readonly method?: string;
  readonly instance?: Instance;
  /** Milliseconds that the clock moves on while it is under way. */
  readonly took?: number;
  /** Milliseconds for which it has been under way when it comes: it takes as long without the clock being moved. */
  readonly age?: number;
  readonly outcome?: Outcome;
  /** Of the attempts before the last. */
  readonly failed?: ReadonlyArray<Attempt['result']>;
  readonly waits?: readonly Wait[];
  readonly faults?: Exchange['faults'];
  /** The protocol that it has become a tunnel of. */
  readonly tunnel?: string;
  readonly sent?: number;
  readonly received?: number;
}

/** Requests that a measure sees, on a clock that only they move. */
export class Traffic {
  readonly #measure: Measure;
  readonly #clock: ManualClock;
  readonly #registry: Registry;

  constructor(measure: Measure, clock: ManualClock) {
    this.#measure = measure;
    this.#clock = clock;
    this.#registry = new Registry(clock, memoryStore);
  }

  instance(id: string, version?: string): Instance {
    const spec = { id, address: { host: '127.0.0.1', port: 4001 }, weight: 1, version, metadata: {} };
    return this.#registry.put('orders', spec, 'file', 'unknown');
  }

  /** Begins one; the answer ends it. */
  async begin(trip: Trip = {}): Promise<() => void> {
    const { service = 'orders', caller, outcome = { kind: 'answered', status: 200 }, instance } = trip;
    const arrival = caller === undefined ? { kind: 'front' as const } : { kind: 'caller' as const, caller, service };
    const body = Body.of(Buffer.alloc(trip.sent ?? 0));
    const startedAt = this.#clock.monotonic() - (trip.age ?? 0);
    const upgrade = trip.tunnel === undefined ? undefined : upgradeTo(trip.tunnel);
    const exchange = exchangeOf({ method: trip.method ?? 'GET', body, upgrade }, arrival, startedAt);
    await this.#measure.layer(exchange, async () => {
      exchange.service = 'service' in trip ? trip.service : service;
      exchange.route = trip.route;
      exchange.instance = instance;
      exchange.isTunnel = upgrade !== undefined;
    });
    return () => {
      const now = this.#clock.monotonic();
      exchange.faults = trip.faults;
      exchange.waits = trip.waits === undefined ? undefined : [...trip.waits];
      const results = instance === undefined ? [] : [...(trip.failed ?? []), resultOf(outcome)];
      for (const result of results) {
        exchange.tried({
          instance: instance ?? never(),
          spanId: undefined,
          choice: undefined,
          circuit: undefined,
          startedAt: exchange.startedAt,
          endedAt: now,
          result,
        });
      }
      if (outcome.kind === 'answered') {
        const answer = Body.of(Buffer.alloc(trip.received ?? 0));
        exchange.response = { status: outcome.status, reason: '', fields: new Fields(), body: answer };
      }
      exchange.finish(outcome);
    };
  }

  /** One from its begin to its end. */
  async send(trip: Trip = {}): Promise<void> {
    const end = await this.begin(trip);
    this.#clock.advance(trip.took ?? 0);
    end();
  }
}

function resultOf(outcome: Outcome): Attempt['result'] {
  return outcome.kind === 'answered' ? { kind: 'answered', status: outcome.status } : { kind: 'pending' };
}

function upgradeTo(protocol: string): UpgradeRequest {
  return { protocol, socket: new Socket(), steps: { up: [], down: [] }, handOver: () => {} };
}

function never(): never {
  throw new Error('an attempt without an instance');
}
