import type { Limit } from './limit.js';

/** The number that the mesh file says, whatever the answers. */
export class FixedLimit implements Limit {
  readonly current: number;

  constructor(current: number) {
    this.current = current;
  }

  sample(): void {}
}
