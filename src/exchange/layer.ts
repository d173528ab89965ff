import type { Exchange } from './exchange.js';

/** What follows a layer, down to the answer. */
export type Handler = (exchange: Exchange) => Promise<void>;

/**
 * One step of the pipeline. It resolves when the exchange has its response head (the body may still be on its way;
 * `exchange.onFinish` tells of its end), and fails with a MeshError for what the gateway shall answer itself;
 * it may throw that at once.
 * It may call `next` again to try once more, as long as no response head has been passed on.
 */
export type Layer = (exchange: Exchange, next: Handler) => Promise<void>;
