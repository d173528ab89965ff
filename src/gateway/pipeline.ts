import type { Snapshot, UnlistedConfig } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import { compose } from '../exchange/compose.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Handler, Layer } from '../exchange/layer.js';
import { MeshError } from '../foundation/errors.js';
import type { Random } from '../foundation/random.js';
import { passive } from '../health/passive.js';
import type { Instance } from '../registry/instance.js';
import { bandwidth } from '../shaping/bandwidth/bandwidth.js';
import { circuit } from '../shaping/circuit/circuit.js';
import { concurrency } from '../shaping/concurrency/concurrency.js';
import { priorityFrom } from '../shaping/concurrency/priority.js';
import { connectionPool } from '../shaping/connection-pool.js';
import { faults } from '../shaping/faults/faults.js';
import { idleTimeout } from '../shaping/idle-timeout.js';
import { mirror } from '../shaping/mirror.js';
import { rateLimit } from '../shaping/rate-limit/rate-limit.js';
import { retry } from '../shaping/retry.js';
import { perTryTimeout, timeout } from '../shaping/timeout.js';
import { authorise } from './authorise.js';
import { choose } from './choose.js';
import type { Circuits } from './circuits.js';
import { nameOf } from './connect.js';
import { deal } from './deal.js';
import type { Carriers } from './forward.js';
import { forward } from './forward.js';
import type { HoldRooms } from './hold.js';
import { hold } from './hold.js';
import type { Routes } from './match.js';
import { match } from './match.js';
import type { ServiceMemory } from './service-memory.js';
import { stick } from './stick.js';

export interface PipelineRooms extends Pick<HoldRooms, 'registry' | 'whenServed' | 'closing'> {
  /** Layers of other rooms that see every exchange: what measures and records. */
  readonly observers: readonly Layer[];
  /** Those that see what a mirror is sent. */
  readonly copyObservers: readonly Layer[];
  readonly routes: Routes;
  readonly carriers: Carriers;
  readonly random: Random;
  readonly memoryOf: (service: string) => ServiceMemory;
}

/** The way of a request under one snapshot. Outermost first; moving a line changes what users see. */
export function pipeline(snapshot: Snapshot, rooms: PipelineRooms): Handler {
  return compose([
    ...rooms.observers, // outside of everything, so that refusals are counted too
    refuseUnfit,
    match(rooms.routes), // nothing below runs without a service
    perService(snapshot, rooms),
  ]);
}

/** Composed once, of only those layers that the service configures. */
function layersOf(config: UnlistedConfig, memory: ServiceMemory, rooms: PipelineRooms): Handler {
  const { clock } = rooms.carriers;
  const { allow, timeouts, loadBalancer } = config;
  const isAwaited = config.process !== undefined || config.healthCheck !== undefined;
  return compose([
    ...when(allow, authorise), // before it costs anybody anything
    ...(timeouts.request > 0 ? [timeout(clock, timeouts.request)] : []), // one budget for all that follows
    ...limits(config, memory, rooms), // within that time: who waits for a turn has no more of it than others
    ...when(memory.shaping.pacers, bandwidth), // outside of the attempts: what is sent again is paced as it came
    ...(timeouts.idle > 0 ? [idleTimeout(clock, timeouts.idle)] : []),
    ...(isAwaited ? [hold({ ...rooms, clock })] : []), // while its program starts, or is looked at for the first time
    ...when(loadBalancer.stickyCookie, stick), // a client that stays with an instance stays with its version
    ...when(memory.split, (split) => deal(split, memory.candidates)), // all attempts go to one version
    ...mirrors(config, memory, rooms), // outside of the retries: one copy for each request
    ...retries(config, memory, rooms),
    ...attempt(config, memory, rooms),
  ]);
}

/** The rate in front of what is under way: who waits for the one holds no place of the other. */
function limits(config: UnlistedConfig, { shaping }: ServiceMemory, { carriers }: PipelineRooms): Layer[] {
  const { rateLimit: rate, concurrency: most, timeouts } = config;
  const { rateLimiter, concurrency: limiter } = shaping;
  const priorityOf = (exchange: Exchange) => exchange.priority ?? priorityFrom(most?.priorityHeader, exchange);
  return [
    ...(rate && rateLimiter
      ? [rateLimit(rate, rateLimiter, { clock: carriers.clock, requestTimeout: timeouts.request })]
      : []),
    ...when(limiter, (each) => concurrency(each, carriers.clock, priorityOf)),
  ];
}

function retries(config: UnlistedConfig, { budget }: ServiceMemory, { carriers, random }: PipelineRooms): Layer[] {
  const { retries: wanted, timeouts } = config;
  if (wanted === undefined || budget === undefined) return [];
  return [retry(wanted, { clock: carriers.clock, random, budget, requestTimeout: timeouts.request })];
}

/** Once for each attempt. */
function attempt({ timeouts }: UnlistedConfig, memory: ServiceMemory, rooms: PipelineRooms): Layer[] {
  const { carriers } = rooms;
  const { circuits, outliers, slots, shaping } = memory;
  return [
    ...when(slots, (each) => connectionPool(each, carriers.clock)), // outside of all that judges: who waits here has not been asked
    ...breakersOf('service', circuits),
    ...(timeouts.perTry > 0 ? [perTryTimeout(carriers.clock, timeouts.perTry)] : []), // its verdict is the breaker's too
    choose(memory, carriers.clock),
    ...breakersOf('instance', circuits), // an open one is unsent: choose takes another
    ...when(outliers, (detector) => passive((instance, verdict) => detector.record(instance, verdict))),
    ...when(shaping.faults, (book) => faults(book, carriers.clock)), // all that judges takes it for the instance's own
    forward(carriers, timeouts.connect), // innermost: talks to the instance
  ];
}

function breakersOf(per: Circuits['per'], circuits: Circuits | undefined): Layer[] {
  if (circuits?.per !== per) return [];
  const guarded = (exchange: Exchange) => (per === 'service' ? undefined : chosen(exchange));
  const name = (exchange: Exchange) => {
    const instance = guarded(exchange);
    return instance === undefined ? `\`${exchange.service}\`` : nameOf(instance);
  };
  return [circuit(guarded, (instance) => circuits.of(instance), name)];
}

function mirrors({ mirror: config }: UnlistedConfig, memory: ServiceMemory, rooms: PipelineRooms): Layer[] {
  if (config === undefined) return [];
  const { carriers, random, closing } = rooms;
  const target = config.target.kind === 'service' ? rooms.memoryOf(config.target.service) : memory;
  const send = compose([
    ...rooms.copyObservers,
    choose(target.apart(), carriers.clock),
    forward(carriers, target.configs.timeouts.connect),
  ]);
  return [mirror(config, { clock: carriers.clock, random, send, book: memory.mirrors, closing })];
}

function perService(snapshot: Snapshot, rooms: PipelineRooms): Layer {
  const handlers = new WeakMap<ServiceMemory, Handler>();
  return (exchange) => {
    const memory = rooms.memoryOf(exchange.service ?? '');
    const known = handlers.get(memory);
    if (known !== undefined) return known(exchange);
    const handler = layersOf({ ...configOf(snapshot, memory.name), ...memory.configs }, memory, rooms);
    handlers.set(memory, handler);
    return handler(exchange);
  };
}

/** A layer for what is configured; none for what is not. */
function when<Value>(value: Value | undefined, layer: (value: Value) => Layer): Layer[] {
  return value === undefined ? [] : [layer(value)];
}

function chosen({ instance }: Exchange): Instance {
  if (instance === undefined) throw new MeshError('internal', 'a breaker of an instance runs before choose');
  return instance;
}

function refuseUnfit(exchange: Exchange, next: Handler): Promise<void> {
  const reason = exchange.abortedBy ?? exchange.defect; // who has left while it was in line costs its service nothing
  if (reason !== undefined) throw reason;
  return next(exchange);
}
