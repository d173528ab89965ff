import type { LogEventView } from '../../admin/logs-wire.js';
import type { ServicesView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import { childOutput } from './child-output.js';
import type { Paint } from './paint.js';
import { Prefixes } from './prefix.js';

/** The output of the services in lines for people, as `mesh up` shows it: each behind the name of its process, in the colour of its service. */
export class LogLines {
  readonly #paint: Paint;
  readonly #prefixes: Prefixes;

  constructor(paint: Paint, { services }: ServicesView) {
    const replicas = services.flatMap(({ processes }) => processes.map(({ replica }) => replica));
    const names = services.map(({ name }) => name);
    this.#paint = paint;
    this.#prefixes = new Prefixes(paint, names, replicas);
  }

  of(event: Extract<LogEventView, { type: 'line' | 'skipped' }>): string {
    if (event.type === 'skipped') return this.#prefixes.ofMesh() + skippedText(event);
    const { service, replica, stream, text } = event;
    const said = stream === 'mesh' ? this.#paint.dim(printable(text)) : childOutput(text, this.#paint.level > 0);
    return this.#prefixes.of(service, replica) + said;
  }
}

function skippedText({ service, count }: Extract<LogEventView, { type: 'skipped' }>): string {
  const lines = count === 1 ? 'line' : 'lines';
  return `… ${count} ${lines} of ${printable(service)} ${count === 1 ? 'was' : 'were'} left out: the reader was too slow`;
}
