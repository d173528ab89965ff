import type { AdminClient } from '../../admin/client.js';
import { trendSeconds } from '../../admin/trend-seconds.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { Ending } from '../ending.js';
import { longestSparkline } from '../render/top/fit.js';
import { chosen, renderOnce, topLineHead, topLines } from '../render/top/plain.js';
import { hasScreen } from '../screen.js';
import { showTop } from '../top/program.js';
import type { Sort, SortName } from '../top/sort.js';
import { MeshSource } from '../top/source.js';
import type { TopWishes } from '../top/state.js';
import { showsUnicode } from '../unicode.js';

export interface TopOptions extends ConnectOptions {
  readonly json?: boolean;
  readonly once?: boolean;
  /** Milliseconds. */
  readonly interval: number;
  /** Undefined: services by name, and as data in the order of the mesh. */
  readonly sort?: SortName;
  readonly filter: string;
}

/** Characters of one picture that goes into a file or a pipe. */
const plainWidth = 160;

export async function top(context: Context, options: TopOptions): Promise<number> {
  const { terminal, paint } = context;
  const { client } = await connect(terminal, options);
  const wishes: TopWishes = { sort: sortOf(options.sort ?? 'service'), filter: options.filter };
  // A file or a pipe gets the signs, whatever the locale, as from all commands.
  const style = { paint, isUnicode: !terminal.stdout.isTerminal || showsUnicode(terminal.environment) };
  if (options.once && !options.json) {
    const width = terminal.stdout.isTerminal ? terminal.stdout.columns() : plainWidth;
    context.print(renderOnce(await client.overview(longestSparkline), wishes, width, style));
    return 0;
  }
  const ending = new Ending(terminal);
  try {
    if (!options.json && hasScreen(terminal)) {
      const source = new MeshSource(client, async () => (await connect(terminal, options)).client);
      await showTop(context, { ...wishes, source, style, interval: options.interval }, ending);
    } else await stream(context, client, options, wishes, ending);
    return ending.exitCode;
  } finally {
    ending.close();
  }
}

/** Off a terminal: a line per service and tick, or with `--json` a document per tick. */
async function stream(
  context: Context,
  client: AdminClient,
  { json, once, interval, sort, filter }: TopOptions,
  wishes: TopWishes,
  ending: Ending,
): Promise<void> {
  const { terminal } = context;
  if (!json) context.print(topLineHead);
  while (!ending.hasCome) {
    const view = await client.overview(trendSeconds.default);
    if (json)
      terminal.stdout.write(`${JSON.stringify(chosen(view, filter, sort === undefined ? undefined : sortOf(sort)))}\n`);
    else for (const line of topLines(view, wishes)) context.print(line);
    if (once) return;
    await terminal.pause(interval, ending.signal);
  }
}

function sortOf(by: SortName): Sort {
  return { by, isReversed: false };
}
