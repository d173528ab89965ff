import type { IncomingMessage, RequestOptions } from 'node:http';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TimeoutsConfig } from '../../src/config/policy-configs.js';
import type { ServiceConfig, Snapshot } from '../../src/config/snapshot.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { Outcome } from '../../src/exchange/outcome.js';
import type { Address } from '../../src/foundation/address.js';
import { addressId } from '../../src/foundation/address.js';
import type { Clock } from '../../src/foundation/clock.js';
import { systemClock } from '../../src/foundation/clock.js';
import { seededRandom } from '../../src/foundation/random.js';
import { Gateway } from '../../src/gateway/gateway.js';
import type { WhenServed } from '../../src/gateway/hold.js';
import { Fields } from '../../src/http1/fields.js';
import type { Health } from '../../src/registry/instance.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import { plainPolicies } from './policies.js';

/** A service of a test: where its instances are, and what differs from the defaults. */
export interface TestService extends Partial<Omit<ServiceConfig, 'name' | 'instances' | 'timeouts'>> {
  readonly at?: readonly TestInstance[];
  readonly timeouts?: Partial<TimeoutsConfig>;
}

export interface TestInstance {
  readonly address: Address;
  readonly weight?: number;
  readonly health?: Health;
  readonly version?: string;
}

export type TestServices = Readonly<Record<string, TestService>>;

/** A whole snapshot of these services, with the front door on any free port of 127.0.0.1. */
export function snapshotOf(
  services: TestServices,
  gateway: Partial<Snapshot['gateway']> = {},
  seed?: number,
): Snapshot {
  return {
    name: 'shop',
    file: undefined,
    directory: '/',
    gateway: {
      host: '127.0.0.1',
      port: { port: 0, named: false },
      domain: 'localhost',
      maxConnections: 4_096,
      maxRequestBytes: Infinity,
      ...gateway,
    },
    admin: { host: '127.0.0.1', port: { port: 0, named: false }, token: { kind: 'none' } },
    registry: { store: 'memory' },
    telemetry: {
      accessLog: { format: 'off' },
      traces: { sample: { share: 1, named: false }, slow: 1_000, otlp: { kind: 'off' } },
    },
    claimedPorts: new Set(),
    unlisted: { expose: true, healthCheck: undefined, slo: undefined, ...plainPolicies },
    seed,
    scenarios: new Map(),
    alerts: [],
    services: new Map(
      Object.entries(services).map(([name, { at: _, timeouts, ...service }]) => [
        name,
        {
          ...plainPolicies,
          name,
          expose: true,
          process: undefined,
          instances: [],
          port: undefined,
          routes: [],
          listen: undefined,
          healthCheck: undefined,
          slo: undefined,
          timeouts: { ...plainPolicies.timeouts, ...timeouts },
          ...service,
        },
      ]),
    ),
  };
}

/** A gateway that is open, with a registry that knows the instances, and a record of every exchange. */
export class TestGateway implements AsyncDisposable {
  readonly registry: Registry;
  readonly gateway: Gateway;
  readonly exchanges: Exchange[] = [];
  /** `closed → open: 5 failures in a row` */
  readonly circuitChanges: string[] = [];
  /** `orders true` */
  readonly panics: string[] = [];

  private constructor(
    services: TestServices,
    clock: Clock,
    whenServed: WhenServed,
    config: Partial<Snapshot['gateway']>,
    seed: number | undefined,
  ) {
    this.registry = new Registry(clock, memoryStore);
    for (const [name, { at = [] }] of Object.entries(services)) {
      this.registry.declare(name);
      for (const instance of at) this.add(name, instance);
    }
    this.gateway = new Gateway({
      registry: this.registry,
      clock,
      random: seededRandom(1),
      onPanic: (service, isPanicking) => this.panics.push(`${service} ${isPanicking}`),
      onCircuit: ({ from, to, because }) => this.circuitChanges.push(`${from} → ${to}: ${because}`),
      snapshot: snapshotOf(services, config, seed),
      whenServed,
      onTurnedAway: () => {},
      copyObservers: [],
      observers: [
        (exchange, next) => {
          this.exchanges.push(exchange);
          return next(exchange);
        },
      ],
    });
  }

  static async start(
    services: TestServices,
    {
      clock = systemClock,
      whenServed = async () => {},
      seed,
      ...config
    }: Partial<Snapshot['gateway']> & { clock?: Clock; whenServed?: WhenServed; seed?: number } = {},
  ): Promise<TestGateway> {
    const started = new TestGateway(services, clock, whenServed, config, seed);
    await started.gateway.open();
    return started;
  }

  add(service: string, { address, weight = 1, health = 'unknown', version }: TestInstance): string {
    const spec = { id: addressId(address), address, weight, version, metadata: {} };
    return this.registry.put(service, spec, 'file', health).id;
  }

  get address(): Address {
    return this.gateway.address;
  }

  /** Calls the front door; `orders/path?query` goes to the host `orders.localhost`. */
  call(where: string, options: CallOptions = {}): Promise<Reply> {
    const [service = '', ...path] = where.split('/');
    return call(this.address, `/${path.join('/')}`, {
      ...options,
      headers: { Host: `${service}.localhost`, ...options.headers },
    });
  }

  /** How the newest exchange ended, when it has. */
  async outcome(): Promise<Outcome> {
    const exchange = this.exchanges.at(-1);
    if (exchange === undefined) throw new Error('there was no exchange');
    return exchange.outcome ?? (await new Promise((resolve) => exchange.onFinish(resolve)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.gateway.close();
  }
}

export interface CallOptions extends Pick<RequestOptions, 'method' | 'headers' | 'agent' | 'signal'> {
  readonly body?: string | Buffer;
}

export interface Reply {
  readonly status: number;
  readonly fields: Fields;
  readonly body: string;
}

/** One request by Node's client; the reply is whole, or it rejects. */
export async function call(address: Address, path: string, options: CallOptions = {}): Promise<Reply> {
  const message = await open(address, path, options);
  return {
    status: message.statusCode ?? 0,
    fields: new Fields(message.rawHeaders),
    body: await text(message),
  };
}

/** As `call`, and resolves with the head. */
export function open(
  { host, port }: Address,
  path: string,
  { body, ...options }: CallOptions = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent: false, ...options, host, port, path }, resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}
