import type { AdminClient } from '../../admin/client.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { widthOf } from '../context.js';
import { Ending } from '../ending.js';
import { renderTop, topLineHead, topLines, topTable } from '../render/top.js';
import { hasScreen, showLive } from './live-screen.js';

export interface TopOptions extends ConnectOptions {
  readonly json?: boolean;
  readonly once?: boolean;
  /** Milliseconds. */
  readonly interval: number;
}

export async function top(context: Context, options: TopOptions): Promise<number> {
  const { client } = await connect(context.terminal, options);
  if (options.once && !options.json) {
    context.print(topTable(await client.services(), context.paint, widthOf(context.terminal.stdout)));
    return 0;
  }
  const ending = new Ending(context.terminal);
  try {
    if (!options.json && hasScreen(context.terminal)) await showTop(context, client, options.interval, ending);
    else await stream(context, client, options, ending);
    return ending.exitCode;
  } finally {
    ending.close();
  }
}

function showTop(context: Context, client: AdminClient, interval: number, ending: Ending): Promise<void> {
  const { paint } = context;
  const look = () => client.services();
  return showLive(context, { interval, look, render: (view, at, size) => renderTop(view, at, size, paint) }, ending);
}

/** Off a terminal: a line per service and tick, or with `--json` a document per tick. */
async function stream(context: Context, client: AdminClient, options: TopOptions, ending: Ending): Promise<void> {
  const { terminal } = context;
  if (!options.json) context.print(topLineHead);
  while (!ending.hasCome) {
    const view = await client.services();
    const at = terminal.now();
    if (options.json) terminal.stdout.write(`${JSON.stringify({ ...view, at })}\n`);
    else for (const line of topLines(view, at)) context.print(line);
    if (options.once) return;
    await terminal.pause(options.interval, ending.signal);
  }
}
