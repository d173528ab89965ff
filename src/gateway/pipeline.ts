import { LoadBook } from '../balancing/load.js';
import type { Snapshot, UnlistedConfig } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import { compose } from '../exchange/compose.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Handler, Layer } from '../exchange/layer.js';
import { MeshError } from '../foundation/errors.js';
import type { Random } from '../foundation/random.js';
import { passive } from '../health/passive.js';
import type { Instance } from '../registry/instance.js';
import { circuit } from '../shaping/circuit/circuit.js';
import { connectionPool } from '../shaping/connection-pool.js';
import { idleTimeout } from '../shaping/idle-timeout.js';
import { mirror } from '../shaping/mirror.js';
import { retry } from '../shaping/retry.js';
import { perTryTimeout, timeout } from '../shaping/timeout.js';
import { authorise } from './authorise.js';
import { choose } from './choose.js';
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
import type { Handle } from './turn.js';

export interface PipelineRooms extends Pick<HoldRooms, 'registry' | 'whenServed' | 'closing'> {
  /** Layers of other rooms that see every exchange: what measures and records. */
  readonly observers: readonly Layer[];
  readonly routes: Routes;
  readonly carriers: Carriers;
  readonly random: Random;
  readonly memoryOf: (service: string) => ServiceMemory;
}

/** The way of a request under one snapshot. Outermost first; moving a line changes what users see. */
export function pipeline(snapshot: Snapshot, rooms: PipelineRooms): Handle {
  const handle = compose([
    ...rooms.observers, // outside of everything, so that refusals are counted too
    match(rooms.routes), // nothing below runs without a service
    perService(snapshot, rooms),
  ]);
  return (exchange, defect) =>
    defect === undefined ? handle(exchange) : compose([...rooms.observers, refused(defect)])(exchange);
}

/** Composed once, of only those layers that the service configures. */
function layersOf(config: UnlistedConfig, memory: ServiceMemory, rooms: PipelineRooms): Handler {
  const { random, carriers } = rooms;
  const { clock } = carriers;
  const { allow, timeouts, retries, loadBalancer } = config;
  const { split, budget } = memory;
  const isAwaited = config.process !== undefined || config.healthCheck !== undefined;
  return compose([
    ...when(allow, authorise), // before it costs anybody anything
    ...(timeouts.request > 0 ? [timeout(clock, timeouts.request)] : []), // one budget for all that follows
    ...(timeouts.idle > 0 ? [idleTimeout(clock, timeouts.idle)] : []),
    ...(isAwaited ? [hold({ ...rooms, clock })] : []), // while its program starts, or is looked at for the first time
    ...when(split, deal), // all attempts go to one version
    ...when(loadBalancer.stickyCookie, stick),
    ...mirrors(config, memory, rooms), // outside of the retries: one copy for each request
    ...(retries === undefined || budget === undefined
      ? []
      : [retry(retries, { clock, random, budget, requestTimeout: timeouts.request })]),
    ...attempt(config, memory, rooms),
  ]);
}

/** Once for each attempt. */
function attempt({ timeouts }: UnlistedConfig, memory: ServiceMemory, rooms: PipelineRooms): Layer[] {
  const { carriers } = rooms;
  const { circuits, outliers, slots } = memory;
  const ofService = circuits?.state === undefined ? undefined : circuits;
  const ofInstances = circuits?.state === undefined ? circuits : undefined;
  return [
    ...when(ofService, (own) =>
      circuit(
        () => own.ofService,
        ({ service }) => `\`${service}\``,
      ),
    ),
    ...(timeouts.perTry > 0 ? [perTryTimeout(carriers.clock, timeouts.perTry)] : []), // its verdict is the breaker's too
    choose({ clock: carriers.clock, balanceOf: rooms.memoryOf }),
    ...when(ofInstances, (each) => circuit((exchange) => each.ofInstance(chosen(exchange)), nameOfChosen)), // an open one is unsent: choose takes another
    ...when(outliers, (detector) => passive((instance, verdict) => detector.record(instance, verdict))),
    ...when(slots, connectionPool),
    forward(carriers, timeouts.connect), // innermost: talks to the instance
  ];
}

function mirrors({ mirror: config }: UnlistedConfig, memory: ServiceMemory, rooms: PipelineRooms): Layer[] {
  if (config === undefined) return [];
  const { clock } = rooms.carriers;
  const loads = new LoadBook(clock); // apart: a copy is nothing that an instance has served to anybody
  const balanceOf = (service: string) => {
    const target = rooms.memoryOf(service);
    return { candidates: target.candidates, loads, policyFor: (version?: string) => target.policyFor(version) };
  };
  const send = compose([
    timeout(clock, copyTimeout),
    choose({ clock, balanceOf }),
    forward(rooms.carriers, memory.configs.timeouts.connect),
  ]);
  return [mirror(config, { clock, random: rooms.random, send, book: memory.mirrors })];
}

/** Milliseconds that a mirror may take for its answer. */
const copyTimeout = 15_000;

function perService(snapshot: Snapshot, rooms: PipelineRooms): Layer {
  const handlers = new WeakMap<ServiceMemory, Handler>();
  return (exchange) => {
    const memory = rooms.memoryOf(exchange.service ?? '');
    const known = handlers.get(memory);
    if (known !== undefined) return known(exchange);
    const handler = layersOf(configOf(snapshot, memory.name), memory, rooms);
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

function nameOfChosen(exchange: Exchange): string {
  return nameOf(chosen(exchange));
}

function refused(defect: Error): Layer {
  return async () => {
    throw defect;
  };
}
