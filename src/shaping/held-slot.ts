/** A place under a limit that somebody has; it is given back once, however often that is said. */
export class HeldSlot {
  readonly kind = 'taken';
  #isHeld = true;
  readonly #free: () => void;

  constructor(free: () => void) {
    this.#free = free;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#free();
  }
}
