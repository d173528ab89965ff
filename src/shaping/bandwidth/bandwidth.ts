import type { Body } from '../../exchange/body.js';
import type { MakeStep } from '../../exchange/body-step.js';
import type { Layer } from '../../exchange/layer.js';
import { PacedStep } from './paced-step.js';
import type { Pacer } from './pacer.js';
import type { Pacers } from './pacers.js';

/**
 * Lets the bytes of requests and answers through at a rate: those of bodies, and all that goes through an upgraded
 * connection. NGINX: limit_rate. Envoy: the bandwidth limit filter. Toxiproxy: bandwidth.
 */
export function bandwidth(pacers: Pacers): Layer {
  return async (exchange, next) => {
    const { paces, giveBack } = pacers.lend();
    const { body, upgrade } = exchange.request;
    exchange.onFinish(giveBack);
    if (paces.up !== undefined) {
      pace(body, paces.up);
      upgrade?.steps.up.push(pacedBy(paces.up));
    }
    if (paces.down !== undefined) upgrade?.steps.down.push(pacedBy(paces.down));
    await next();
    if (paces.down !== undefined && exchange.response !== undefined) pace(exchange.response.body, paces.down);
  };
}

/** What is there as a whole, and may pass at once, needs no step: that is most of what is small. */
function pace(body: Body, pacer: Pacer): void {
  if (!(body.isComplete && pacer.takeAll(body.received))) body.through(pacedBy(pacer));
}

/** A step that passes bytes on as the pacer allows. */
export function pacedBy(pacer: Pacer): MakeStep {
  return (rooms) => new PacedStep(pacer, rooms);
}
