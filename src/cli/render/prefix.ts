import { printable } from '../../foundation/text.js';
import type { Paint } from './paint.js';

/** Told apart easily on dark and on light grounds; red is left to errors. */
const palette = ['cyan', 'magenta', 'green', 'blue', 'yellow', 'cyanBright', 'magentaBright', 'greenBright'] as const;

/**
 * `web-1 | …` before each line: names aligned, replicas of a service in one colour. Colours go by the order of the
 * services, so the same file has the same colours every time.
 */
export class Prefixes {
  readonly #paint: Paint;
  readonly #colors = new Map<string, (typeof palette)[number]>();
  #width: number;

  /** @param services in the order of the mesh file @param names all that will speak, as far as they are known */
  constructor(paint: Paint, services: readonly string[], names: readonly string[]) {
    this.#paint = paint;
    this.#width = Math.max(0, ...names.map((name) => name.length));
    for (const service of services) this.#colorOf(service);
  }

  /** The start of a line of that replica. A name longer than all before it moves the bar for those that follow. */
  of(service: string, replica: string): string {
    return this.#align(replica, this.#paint[this.#colorOf(service)]);
  }

  /** The start of a line of the mesh itself. */
  ofMesh(): string {
    return this.#align('mesh', this.#paint.dim);
  }

  #align(name: string, color: (text: string) => string): string {
    this.#width = Math.max(this.#width, name.length);
    return `${color(`${printable(name).padEnd(this.#width)} |`)} `;
  }

  #colorOf(service: string): (typeof palette)[number] {
    const color = this.#colors.get(service) ?? palette[this.#colors.size % palette.length] ?? 'cyan';
    this.#colors.set(service, color);
    return color;
  }
}
