/** What a message may break, as far as it makes a difference to the answer. */
export type ViolationKind =
  | 'malformed'
  /** Not HTTP/1.0 or HTTP/1.1. */
  | 'version'
  /** A transfer coding beside `chunked`. */
  | 'coding'
  | 'head-too-large'
  /** The request line alone fills the head. */
  | 'target-too-long';

/**
 * A message that is not as RFC 9112 wants it. Nothing is repaired: two programs that repair differently read two different
 * messages, and that is all that request smuggling needs.
 */
export class Violation extends Error {
  readonly kind: ViolationKind;

  /** @param message what the message has, as in "The request has …": `two Host fields` */
  constructor(message: string, kind: ViolationKind = 'malformed') {
    super(message);
    this.kind = kind;
  }
}
