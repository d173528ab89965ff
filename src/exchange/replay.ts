/** What a body has given to its sink, as long as that is little enough to be kept: so that it can be given once more. */
export class Replay {
  readonly #maxBytes: number;
  #bytes = 0;
  #chunks: Buffer[] | undefined = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** In their order; undefined once it was too much: then none of it is kept. */
  get chunks(): readonly Buffer[] | undefined {
    return this.#chunks;
  }

  keep(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.#chunks = undefined;
    else this.#chunks?.push(chunk);
  }

  /** It is all to be given again. */
  restart(): void {
    this.#bytes = 0;
    this.#chunks = [];
  }
}
