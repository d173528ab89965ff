import type { ExchangeEventView } from '../../admin/exchanges-wire.js';
import { MeshError } from '../../foundation/errors.js';
import { parseStatuses, statusesExpected } from '../../foundation/statuses.js';
import { printable } from '../../foundation/text.js';
import { parseDuration } from '../../foundation/units.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { Ending } from '../ending.js';
import { keepPace } from '../pace.js';
import { renderExchange } from '../render/exchange.js';

export interface TailOptions extends ConnectOptions {
  /** `5xx`, `404`, `4xx,5xx` */
  readonly status?: string;
  /** A prefix of the path. */
  readonly path?: string;
  /** `200ms` */
  readonly slow?: string;
  readonly json?: boolean;
}

/** Exchanges as they end, until Ctrl-C, or until the mesh ends. */
export async function tail(context: Context, words: readonly string[], options: TailOptions): Promise<number> {
  const [service] = words;
  const { status, path, slow } = options;
  refuseFilter(options);
  const { client } = await connect(context.terminal, options);
  const ending = new Ending(context.terminal);
  const missed = new MissedNotes(context);
  try {
    for await (const event of client.followExchanges({ service, status, path, slow }, ending.signal)) {
      if (event.type === 'end') missed.close();
      if (event.type === 'missed') missed.add(event);
      else tell(context, event, options);
      await keepPace(context.terminal, ending.signal);
    }
    return ending.exitCode;
  } finally {
    missed.close();
    ending.close();
  }
}

type Missed = Extract<ExchangeEventView, { type: 'missed' }>;

/** How many were missed of which service, told once a second at most: where much is missed, it is missed again and again. */
class MissedNotes {
  readonly #context: Context;
  readonly #counts = new Map<Missed['service'], number>();
  readonly #end = new AbortController();
  #isPausing = false;

  constructor(context: Context) {
    this.#context = context;
  }

  add({ service, count }: Missed): void {
    this.#counts.set(service, (this.#counts.get(service) ?? 0) + count);
    if (!this.#isPausing) void this.#tellAndPause();
  }

  /** What is not told yet is told now. */
  close(): void {
    this.#end.abort();
    this.#tell();
  }

  async #tellAndPause(): Promise<void> {
    this.#isPausing = true;
    while (this.#counts.size > 0) {
      this.#tell();
      await this.#context.terminal.pause(1_000, this.#end.signal);
    }
    this.#isPausing = false;
  }

  #tell(): void {
    for (const [service, count] of this.#counts) {
      const requests = `${count} request${count === 1 ? '' : 's'}${service === null ? '' : ` of ${printable(service)}`}`;
      this.#context.note(`${requests} came too fast to be looked at`);
    }
    this.#counts.clear();
  }
}

function tell({ note, print, paint }: Context, event: Exclude<ExchangeEventView, Missed>, { json }: TailOptions): void {
  switch (event.type) {
    case 'live':
      note('Watching the requests');
      break;
    case 'exchange':
      print(json ? JSON.stringify(event.exchange) : renderExchange(event.exchange, paint));
      break;
    case 'end':
      note('The mesh has ended');
  }
}

/** @throws usage: before anything is asked of the mesh, and in the words of the command line */
function refuseFilter({ status, slow }: Pick<TailOptions, 'status' | 'slow'>): void {
  if (status !== undefined && parseStatuses(status) === undefined) {
    throw new MeshError('usage', `\`--status ${status}\` is no status`, { hint: `Write ${statusesExpected}.` });
  }
  if (slow !== undefined && parseDuration(slow) === undefined) {
    throw new MeshError('usage', `\`--slow ${slow}\` is no duration`, { hint: 'Write 200ms or 1.5s.' });
  }
}
