/** Texts that are held at most. */
const most = 1_000;

/**
 * The same text for the same characters. What is told of a thousand requests says the same again and again, each time in
 * pieces cut from another head: to hold on to them would let the heads grow old.
 */
export class Texts {
  readonly #known = new Map<string, string>();

  one(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size === most) this.#known.clear(); // paths with numbers in them never end
    this.#known.set(text, text);
    return text;
  }
}
