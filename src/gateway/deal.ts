import type { Split } from '../balancing/split.js';
import type { Layer } from '../exchange/layer.js';

/** Gives each request that no route has sent to a version the one that the split says. */
export function deal(split: Split): Layer {
  return (exchange, next) => {
    exchange.version ??= split.versionFor(exchange);
    return next();
  };
}
