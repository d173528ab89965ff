import type { AdminClient } from '../../admin/client.js';
import type { ExchangeStory } from '../../admin/exchanges-wire.js';
import type { LogLineView } from '../../admin/logs-wire.js';
import { MeshError } from '../../foundation/errors.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { widthOf } from '../context.js';
import { renderStory } from '../render/explain.js';
import { LogLines } from '../render/logs.js';
import { renderTrace } from '../render/spans.js';
import type { StoryLines } from '../render/story-lines.js';
import { renderStoryLines } from '../render/story-lines.js';

export interface ExplainOptions extends ConnectOptions {
  readonly last?: boolean;
  readonly json?: boolean;
}

/** The story of one exchange, by its id or that of its trace; or of the one that ended last. */
export async function explain(context: Context, words: readonly string[], options: ExplainOptions): Promise<number> {
  const [word] = words;
  const id = word === '' ? undefined : word; // a variable of a script that is not set
  if ((id === undefined) === (options.last !== true)) {
    throw new MeshError('usage', 'Which exchange?', {
      hint: 'Name it by its id (`x-request-id`, `mesh tail`) or its trace, or say `--last`; not both.',
    });
  }
  const { client } = await connect(context.terminal, options);
  const exchange = id === undefined ? await lastOf(client) : await client.exchange(id);
  if (exchange === undefined) throw new MeshError('unknown_exchange', 'There was no exchange yet');
  const trace = exchange.traceId === '' ? null : await client.trace(exchange.traceId);
  const output = await linesOf(client, exchange);
  if (options.json) context.printDocument({ exchange, trace, lines: output.lines, moreLines: output.more });
  else {
    context.print(renderStory(exchange, context.paint));
    const picture = trace === null ? '' : renderTrace(trace, context.paint, widthOf(context.terminal.stdout));
    if (picture !== '') context.print(`\n${picture}`);
    if (output.lines.length > 0) {
      const log = new LogLines(context.paint, await client.services());
      context.print(`\n${renderStoryLines(exchange, output, log, context.paint)}`);
    }
  }
  return 0;
}

/** Lines of the output that are shown. */
const mostLines = 50;

/** What the services have printed that names the exchange, or another one of its trace. */
async function linesOf(client: AdminClient, { id, traceId }: ExchangeStory): Promise<StoryLines> {
  const lines: LogLineView[] = [];
  let more = 0;
  const { signal } = new AbortController();
  for await (const event of client.followLogs({ services: [], trace: traceId === '' ? id : traceId }, signal)) {
    if (event.type === 'live' || event.type === 'end') break;
    if (event.type !== 'line') continue;
    const { type: _, ...line } = event;
    if (lines.length < mostLines) lines.push(line);
    else more++;
  }
  return { lines, more };
}

async function lastOf(client: AdminClient): Promise<ExchangeStory | undefined> {
  const { sequence } = await client.exchanges(Number.MAX_SAFE_INTEGER); // none of them, and how many there were
  const { exchanges } = await client.exchanges(Math.max(0, sequence - 1));
  const last = exchanges.at(-1);
  return last && client.exchange(last.id);
}
