import type { Handler, Layer } from './layer.js';

/** Outermost first. Nothing follows the last layer. */
export function compose(layers: readonly Layer[]): Handler {
  const [outermost, ...rest] = layers;
  if (outermost === undefined) return async () => {};
  const inner = compose(rest);
  return (exchange) => outermost(exchange, () => inner(exchange));
}
