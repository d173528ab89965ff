import type { Fields } from '../http1/fields.js';

/** Where the bytes of a body go: another connection, or a step that changes them. */
export interface BodySink {
  /** @returns whether more may come; after `false` the sink says so by `body.resume()` */
  write(bytes: Buffer): boolean;
  /** None of the bytes it was given are needed any more. */
  readonly holdsNothing: boolean;
  end(trailers: Fields): void;
  /** The source has broken off: what was written is not all. */
  fail(): void;
}
