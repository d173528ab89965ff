import type { BandwidthConfig } from '../../config/shaping-configs.js';
import type { Clock } from '../../foundation/clock.js';
import { Pacer } from './pacer.js';

/** What paces one exchange; undefined: nothing does. */
export interface Paces {
  readonly up: Pacer | undefined;
  readonly down: Pacer | undefined;
}

/** The pacers of a service: one pair for all, or one for each exchange. They follow a change while bytes are under way. */
export class Pacers {
  readonly #clock: Clock;
  #config: BandwidthConfig;
  /** Of the exchanges under way; all of them the same one where they share it. */
  readonly #inUse = new Map<Paces, number>();
  #shared: Paces | undefined;

  constructor(config: BandwidthConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** Whoever has a pacer keeps it, at the new rate. */
  update(config: BandwidthConfig): void {
    const isOfTheSameKind = kindOf(config) === kindOf(this.#config);
    this.#config = config;
    const inUse = new Set(this.#inUse.keys());
    if (this.#shared !== undefined) inUse.add(this.#shared);
    for (const { up, down } of inUse) {
      up?.update(config.up ?? Infinity);
      down?.update(config.down ?? Infinity);
    }
    if (!isOfTheSameKind) this.#shared = undefined;
  }

  /** There is no limit any more. */
  open(): void {
    this.update({ up: undefined, down: undefined, per: 'exchange' });
  }

  /** For one exchange; `giveBack` is to be called when it is over. */
  lend(): { readonly paces: Paces; giveBack(): void } {
    const paces = this.#config.per === 'service' ? (this.#shared ?? this.#make()) : this.#make();
    if (this.#config.per === 'service') this.#shared = paces;
    this.#inUse.set(paces, (this.#inUse.get(paces) ?? 0) + 1);
    return { paces, giveBack: () => this.#giveBack(paces) };
  }

  #make(): Paces {
    const { up, down } = this.#config;
    return { up: this.#pacer(up), down: this.#pacer(down) };
  }

  #pacer(rate: number | undefined): Pacer | undefined {
    return rate === undefined ? undefined : new Pacer(rate, this.#clock);
  }

  #giveBack(paces: Paces): void {
    const others = (this.#inUse.get(paces) ?? 1) - 1;
    if (others > 0) this.#inUse.set(paces, others);
    else this.#inUse.delete(paces);
  }
}

/** What one pair of pacers can be for another. */
function kindOf({ per, up, down }: BandwidthConfig): string {
  return `${per} ${up !== undefined} ${down !== undefined}`;
}
