/** Under this name is counted what there is no more room for. */
export const other = 'other';

/** Things that are made when their key is first seen, as many as there is room for; the rest shares one. */
export class Bounded<Key, Thing> implements Iterable<Thing> {
  readonly #things = new Map<Key, Thing>();
  readonly #most: number;
  readonly #make: (key: Key) => Thing;
  readonly #makeRest: () => Thing;
  #rest: Thing | undefined;

  constructor(most: number, make: (key: Key) => Thing, makeRest: () => Thing) {
    this.#most = most;
    this.#make = make;
    this.#makeRest = makeRest;
  }

  of(key: Key): Thing {
    const known = this.#things.get(key);
    if (known !== undefined) return known;
    if (this.#things.size >= this.#most) {
      this.#rest ??= this.#makeRest();
      return this.#rest;
    }
    const made = this.#make(key);
    this.#things.set(key, made);
    return made;
  }

  *[Symbol.iterator](): Iterator<Thing> {
    yield* this.#things.values();
    if (this.#rest !== undefined) yield this.#rest;
  }
}
