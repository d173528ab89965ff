/** Where the bytes of a body come from: a connection. */
export interface BodySource {
  /** Bring no more for now. */
  pause(): void;
  resume(): void;
  /** Nobody wants the rest. */
  cancel(): void;
}
