import type { AdminClient } from '../../admin/client.js';
import type { ExchangeView } from '../../admin/exchanges-wire.js';
import { MeshError } from '../../foundation/errors.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { renderStory } from '../render/explain.js';

export interface ExplainOptions extends ConnectOptions {
  readonly last?: boolean;
  readonly json?: boolean;
}

/** The story of one exchange, by its id or that of its trace; or of the one that ended last. */
export async function explain(context: Context, words: readonly string[], options: ExplainOptions): Promise<number> {
  const [id] = words;
  if ((id === undefined) === (options.last !== true)) {
    throw new MeshError('usage', 'Which exchange?', {
      hint: 'Name it by its id (`x-request-id`, `mesh tail`) or its trace, or say `--last`; not both.',
    });
  }
  const { client } = await connect(context.terminal, options);
  const exchange = id === undefined ? await lastOf(client) : await client.exchange(id);
  if (exchange === undefined) throw new MeshError('unknown_exchange', 'There was no exchange yet');
  if (options.json) context.printDocument({ exchange });
  else context.print(renderStory(exchange, context.paint));
  return 0;
}

async function lastOf(client: AdminClient): Promise<ExchangeView | undefined> {
  const { sequence } = await client.exchanges(Number.MAX_SAFE_INTEGER); // none of them, and how many there were
  const { exchanges } = await client.exchanges(Math.max(0, sequence - 1));
  return exchanges.at(-1);
}
