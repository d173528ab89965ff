import type { Environment, Expansion } from './interpolate.js';
import { expand } from './interpolate.js';

/**
 * A value of the mesh file of which more is known than YAML says: as it was written (a version `1.10` is not the number
 * 1.1, a mode `0755` not 755), and which variables it reads. Each key takes of it what it needs, so a variable is typed
 * by the key that reads it, and only where it is read.
 */
export class Scalar {
  /** What YAML makes of it. */
  readonly value: string | number | boolean | null;
  /** As it stands in the file, without quotes. */
  readonly source: string;
  readonly #environment: Environment;

  constructor(value: string | number | boolean | null, source: string, environment: Environment) {
    this.value = value;
    this.source = source;
    this.#environment = environment;
  }

  /** The text with its variables replaced. */
  get expansion(): Expansion {
    return expand(this.source, this.#environment);
  }

  /** Text in the file, which may read variables; else a number, a boolean or nothing. */
  get isText(): boolean {
    return typeof this.value === 'string';
  }
}

/** Whatever YAML or a program gave, without what is known of how it was written. */
export function plain(value: unknown): unknown {
  return value instanceof Scalar ? value.value : value;
}
