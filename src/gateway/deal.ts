import type { Split } from '../balancing/split.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Layer } from '../exchange/layer.js';
import type { Candidates } from './candidates.js';

/**
 * Gives each request that no route has sent to a version the one that the split says; but a client that stays with its
 * instance stays with its version, as long as that has a share.
 */
export function deal(split: Split, candidates: Candidates): Layer {
  return (exchange, next) => {
    if (exchange.version === undefined) {
      const preferred = versionOfPreferred(exchange, split, candidates);
      exchange.version = preferred ?? split.versionFor(exchange);
      exchange.versionBy = preferred === undefined ? 'split' : 'sticky';
    }
    return next(exchange);
  };
}

function versionOfPreferred({ preferredInstance }: Exchange, { config }: Split, candidates: Candidates) {
  if (preferredInstance === undefined) return undefined;
  const version = candidates.of(undefined).find(({ id }) => id === preferredInstance)?.version;
  return version !== undefined && (config.shares[version] ?? 0) > 0 ? version : undefined;
}
