import type { Instance } from './instance.js';

/** A name that can be called, and who serves it. */
export interface Service {
  readonly name: string;
  /** Named by the mesh file; it stays, even with no instance. */
  readonly declared: boolean;
  /** All instances, in the order in which they came. A new array at each change: it may be held and compared. */
  readonly instances: readonly Instance[];
  /** Those that may be given requests. A new array at each change, too. */
  readonly routable: readonly Instance[];
}
