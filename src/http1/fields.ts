/**
 * The fields of a message in their order, with their case and their duplicates (RFC 9110 §5.3). Kept flat,
 * `[name, value, name, value]`, as they come from the wire and go to it.
 */
export class Fields implements Iterable<readonly [name: string, value: string]> {
  readonly #flat: string[];

  constructor(flat: readonly string[] = []) {
    this.#flat = [...flat];
  }

  /** The first value of that name. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    for (let at = 0; at < this.#flat.length; at += 2) {
      if (this.#flat[at]?.toLowerCase() === wanted) return this.#flat[at + 1];
    }
    return undefined;
  }

  all(name: string): string[] {
    const wanted = name.toLowerCase();
    return [...this].filter(([candidate]) => candidate.toLowerCase() === wanted).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Every member of a comma-separated list field, over all its lines, trimmed, as written. */
  list(name: string): string[] {
    return this.all(name)
      .flatMap((value) => value.split(','))
      .map((member) => member.trim())
      .filter((member) => member !== '');
  }

  append(name: string, value: string): void {
    this.#flat.push(name, value);
  }

  /** One line of that name, in the place of the first there was, else at the end. */
  set(name: string, value: string): void {
    const wanted = name.toLowerCase();
    let placed = false;
    for (let at = 0; at < this.#flat.length; ) {
      if (this.#flat[at]?.toLowerCase() !== wanted) at += 2;
      else if (placed) this.#flat.splice(at, 2);
      else {
        this.#flat[at + 1] = value;
        placed = true;
        at += 2;
      }
    }
    if (!placed) this.append(name, value);
  }

  delete(name: string): void {
    this.retain((candidate) => candidate !== name.toLowerCase());
  }

  /** Keeps the fields whose lower-case name is wanted. */
  retain(wanted: (lowerCaseName: string) => boolean): void {
    let kept = 0;
    for (let at = 0; at < this.#flat.length; at += 2) {
      const name = this.#flat[at] ?? '';
      if (!wanted(name.toLowerCase())) continue;
      this.#flat[kept++] = name;
      this.#flat[kept++] = this.#flat[at + 1] ?? '';
    }
    this.#flat.length = kept;
  }

  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (let at = 0; at < this.#flat.length; at += 2) yield [this.#flat[at] ?? '', this.#flat[at + 1] ?? ''];
  }

  /** `[name, value, name, value, …]` for the wire. */
  toFlat(): string[] {
    return [...this.#flat];
  }
}
