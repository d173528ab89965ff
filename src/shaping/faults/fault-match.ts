import type { FaultMatch } from '../../config/shaping-configs.js';
import type { Exchange } from '../../exchange/exchange.js';
import { formatAddress } from '../../foundation/address.js';
import { isUnder, pathOf } from '../../http1/target.js';
import type { Instance } from '../../registry/instance.js';

/** Is the attempt one of those that the fault is for? All that is given must be so. */
export function isMatch({ path, method, headers, caller, version, instance }: FaultMatch, exchange: Exchange): boolean {
  const { request } = exchange;
  return (
    (path === undefined || isUnder(pathOf(request.target), path)) &&
    (method === undefined || request.method === method) &&
    (caller === undefined || (exchange.caller ?? 'anonymous') === caller) &&
    (version === undefined || exchange.instance?.version === version) &&
    (instance === undefined || isNamed(exchange.instance, instance)) &&
    Object.entries(headers).every(([name, value]) => request.fields.all(name).includes(value))
  );
}

/** By its id, or by its address. */
function isNamed(instance: Instance | undefined, name: string): boolean {
  return instance !== undefined && (instance.id === name || formatAddress(instance.address) === name);
}
