import { begun } from '../../exchange/begun.js';
import type { Body } from '../../exchange/body.js';
import type { MakeStep } from '../../exchange/body-step.js';
import type { Exchange, UpgradeRequest } from '../../exchange/exchange.js';
import type { Layer } from '../../exchange/layer.js';
import { PacedStep } from './paced-step.js';
import type { Pacer } from './pacer.js';
import type { Direction, Pacers } from './pacers.js';

/**
 * Lets the bytes of requests and answers through at a rate: those of bodies, and all that goes through an upgraded
 * connection. NGINX: limit_rate. Envoy: the bandwidth limit filter. Toxiproxy: bandwidth.
 */
export function bandwidth(pacers: Pacers): Layer {
  return (exchange, next) => {
    const { body, upgrade } = exchange.request;
    pace(body, 'up', exchange, pacers);
    if (upgrade !== undefined) paceTunnel(upgrade, exchange, pacers);
    return begun(next, exchange).then(() => {
      if (exchange.response !== undefined) pace(exchange.response.body, 'down', exchange, pacers);
    });
  };
}

/** What is there as a whole, and may pass at once, needs no step: that is most of what is small. */
function pace(body: Body, direction: Direction, exchange: Exchange, pacers: Pacers): void {
  if (body.isComplete && pacers.pass(direction, body.received)) return;
  const pacer = pacers.pacerFor(exchange, direction);
  if (pacer !== undefined) body.through(pacedBy(pacer));
}

function paceTunnel({ steps }: UpgradeRequest, exchange: Exchange, pacers: Pacers): void {
  for (const direction of directions) {
    const pacer = pacers.pacerFor(exchange, direction);
    if (pacer !== undefined) steps[direction].push(pacedBy(pacer));
  }
}

const directions: readonly Direction[] = ['up', 'down'];

/** A step that passes bytes on as the pacer allows. */
export function pacedBy(pacer: Pacer): MakeStep {
  return (rooms) => new PacedStep(pacer, rooms);
}
