import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { ExchangeResponse } from '../exchange/exchange.js';

/** What is compared of an answer. */
export interface SeenAnswer {
  readonly status: number;
  /** As the service wrote it; empty where it says none. */
  readonly contentType: string;
  /** Of the body. */
  readonly bytes: number;
  /** SHA-256 of the body, in hexadecimal, shortened: to be compared, not to be trusted. */
  readonly hash: string;
  /** Milliseconds to its last byte. */
  readonly duration: number;
}

/** Looks at an answer as it passes, without keeping it. To be made before any of its body is taken. */
export class AnswerDigest {
  readonly #status: number;
  readonly #contentType: string;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;

  constructor({ status, fields, body }: ExchangeResponse) {
    this.#status = status;
    this.#contentType = fields.get('content-type') ?? '';
    body.tap((bytes) => {
      this.#hash.update(bytes);
      this.#bytes += bytes.length;
    });
  }

  /** Once it is whole. @param duration milliseconds */
  seen(duration: number): SeenAnswer {
    const hash = this.#hash.copy().digest('hex').slice(0, 16);
    return { status: this.#status, contentType: this.#contentType, bytes: this.#bytes, hash, duration };
  }
}
