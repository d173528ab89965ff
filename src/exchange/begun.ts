import type { Exchange } from './exchange.js';
import type { Handler } from './layer.js';

/**
 * What follows in the pipeline, begun: what it throws at once fails like all else. A layer that has something to do behind it
 * chains that to this promise, and is no `async` function, where it can be helped: a request passes a dozen of them, and each
 * would keep its frame until the answer is here. Measured in `bench/README.md`.
 */
export function begun(next: Handler, exchange: Exchange): Promise<void> {
  try {
    return next(exchange);
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}
