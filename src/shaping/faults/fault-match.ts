import type { FaultConfig, FaultEffect } from '../../config/shaping-configs.js';
import type { Exchange } from '../../exchange/exchange.js';
import { formatAddress } from '../../foundation/address.js';
import { isUnder, pathOf } from '../../http1/target.js';
import type { Instance } from '../../registry/instance.js';

/** Is the attempt one of those that the fault is for? All that is given must be so; and what befalls a body needs one, which no tunnel has. */
export function isMatch({ effect, match }: FaultConfig, exchange: Exchange): boolean {
  const { path, method, headers, caller, version, instance } = match;
  const { request } = exchange;
  return (
    (request.upgrade === undefined || !befallsBody(effect)) &&
    (path === undefined || isUnder(pathOf(request.target), path)) &&
    (method === undefined || request.method === method) &&
    (caller === undefined || (exchange.caller ?? 'anonymous') === caller) &&
    (version === undefined || exchange.instance?.version === version) &&
    (instance === undefined || isNamed(exchange.instance, instance)) &&
    Object.entries(headers).every(([name, value]) => request.fields.all(name).includes(value))
  );
}

function befallsBody(effect: FaultEffect): boolean {
  switch (effect.kind) {
    case 'throttle':
    case 'slow-close':
    case 'truncate':
    case 'corrupt':
      return true;
    case 'reset':
      return effect.after !== undefined;
    default:
      return false;
  }
}

/** By its id, or by its address. */
function isNamed(instance: Instance | undefined, name: string): boolean {
  return instance !== undefined && (instance.id === name || formatAddress(instance.address) === name);
}
