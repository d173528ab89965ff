import type { ExchangesView, ExchangeView } from '../../admin/exchanges-wire.js';
import { MeshError } from '../../foundation/errors.js';
import { parseDuration } from '../../foundation/units.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { Ending } from '../ending.js';
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

/** Milliseconds between two looks: soon enough to be now, and the mesh has no work while nobody looks. */
const interval = { least: 20, most: 250 };

/** Exchanges that a look is to bring at most: the mesh remembers a thousand of each service, and some are more at once. */
const wanted = 500;

/** Exchanges as they end, until Ctrl-C, or until the mesh ends. */
export async function tail(context: Context, words: readonly string[], options: TailOptions): Promise<number> {
  const [service] = words;
  const isWanted = filterOf(options);
  const { client } = await connect(context.terminal, options);
  if (service !== undefined) await client.service(service); // a typo is told at once
  const ending = new Ending(context.terminal);
  try {
    let { sequence } = await client.exchanges(Number.MAX_SAFE_INTEGER);
    let pause = interval.most;
    while (!ending.hasCome) {
      await context.terminal.pause(pause, ending.signal);
      if (ending.hasCome) break;
      const view = await client.exchanges(sequence, service);
      tell(context, view, isWanted, options);
      sequence = view.sequence;
      pause = pauseAfter(pause, view);
    }
    return ending.exitCode;
  } catch (thrown) {
    if (thrown instanceof MeshError && thrown.code === 'no_mesh') {
      context.note('The mesh has ended');
      return 0;
    }
    throw thrown;
  } finally {
    ending.close();
  }
}

/** The busier the mesh, the sooner it is looked at again, lest something be forgotten between two looks. */
function pauseAfter(pause: number, { exchanges, missed }: ExchangesView): number {
  const next = (pause * wanted) / Math.max(1, exchanges.length + missed);
  return Math.max(interval.least, Math.min(interval.most, Math.round(next)));
}

function tell(context: Context, view: ExchangesView, isWanted: Filter, { json }: TailOptions): void {
  if (view.missed > 0) context.note(`${view.missed} exchanges came too fast to be shown`);
  for (const exchange of view.exchanges) {
    if (!isWanted(exchange)) continue;
    if (json) context.terminal.stdout.write(`${JSON.stringify(exchange)}\n`);
    else context.print(renderExchange(exchange, context.paint));
  }
}

type Filter = (exchange: ExchangeView) => boolean;

/** @throws usage */
export function filterOf({ status, path, slow }: Pick<TailOptions, 'status' | 'path' | 'slow'>): Filter {
  const statuses = status === undefined ? undefined : statusesOf(status);
  const least = slow === undefined ? 0 : parseDuration(slow);
  if (least === undefined) {
    throw new MeshError('usage', `\`--slow ${slow}\` is no duration`, { hint: 'Write 200ms or 1.5s.' });
  }
  return (exchange) =>
    (statuses === undefined || statuses.test(String(exchange.status ?? ''))) &&
    (path === undefined || exchange.target.startsWith(path)) &&
    exchange.duration >= least;
}

function statusesOf(text: string): RegExp {
  const forms = text.split(',');
  if (!forms.every((form) => /^[1-5](?:\d\d|xx)$/i.test(form))) {
    throw new MeshError('usage', `\`--status ${text}\` is no status`, { hint: 'Write 503, 5xx, or 4xx,5xx.' });
  }
  return new RegExp(`^(?:${forms.map((form) => form.replace(/xx/i, '\\d\\d')).join('|')})$`);
}
