import type { Policy } from '../balancing/policy.js';
import type { Snapshot, UnlistedConfig } from '../config/snapshot.js';
import { compose } from '../exchange/compose.js';
import type { Handler, Layer } from '../exchange/layer.js';
import { timeout } from '../shaping/timeout.js';
import { choose } from './choose.js';
import type { Carriers } from './forward.js';
import { forward } from './forward.js';
import type { HoldRooms } from './hold.js';
import { hold } from './hold.js';
import type { Routes } from './match.js';
import { match } from './match.js';
import type { Handle } from './turn.js';

export interface PipelineRooms extends Pick<HoldRooms, 'registry' | 'whenServed' | 'closing'> {
  /** Layers of other rooms that see every exchange: what measures and records. */
  readonly observers: readonly Layer[];
  readonly routes: Routes;
  readonly carriers: Carriers;
  /** The service's load balancing, with what it remembers. */
  readonly policyOf: (service: string) => Policy;
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
function layersOf({ timeouts, process, healthCheck }: UnlistedConfig, rooms: PipelineRooms): Handler {
  const { registry, policyOf, carriers } = rooms;
  return compose([
    ...(timeouts.request > 0
      ? [timeout(carriers.clock, timeouts.request)] // one budget for all that follows
      : []),
    ...(process === undefined && healthCheck === undefined ? [] : [hold({ ...rooms, clock: carriers.clock })]), // while its program starts, or is looked at for the first time
    choose(registry, policyOf),
    forward(carriers, timeouts.connect), // innermost: talks to the instance
  ]);
}

function perService(snapshot: Snapshot, rooms: PipelineRooms): Layer {
  const handlers = new Map<string, Handler>();
  for (const service of snapshot.services.values()) handlers.set(service.name, layersOf(service, rooms));
  const unlisted = layersOf(snapshot.unlisted, rooms); // registered at run time
  return (exchange) => (handlers.get(exchange.service ?? '') ?? unlisted)(exchange);
}

function refused(defect: Error): Layer {
  return async () => {
    throw defect;
  };
}
