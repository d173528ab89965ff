import type { Handler, Layer } from './layer.js';

/** Layers made into one step, outermost first. Nothing follows the last. */
export function compose(layers: readonly Layer[]): Handler {
  const [outermost, ...rest] = layers;
  if (outermost === undefined) return async () => {};
  const inner = compose(rest);
  return (exchange) => outermost(exchange, inner);
}
