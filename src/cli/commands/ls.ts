import type { AdminClient } from '../../admin/client.js';
import type { ServicesView } from '../../admin/wire.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { widthOf } from '../context.js';
import { Ending } from '../ending.js';
import type { Frame } from '../render/frame.js';
import type { Paint } from '../render/paint.js';
import { renderServices } from '../render/services.js';
import { clip } from '../render/width.js';
import type { ScreenSize } from '../screen.js';
import { hasScreen } from '../screen.js';
import type { LiveView } from './live-screen.js';
import { showLive } from './live-screen.js';

export interface LsOptions extends ConnectOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** Milliseconds between two looks of `--watch`. */
const interval = 1_000;

export async function ls(context: Context, options: LsOptions): Promise<number> {
  const { client } = await connect(context.terminal, options);
  if (options.watch) return watch(context, client, options);
  const { view, hasMistakes } = await look(client);
  if (hasMistakes) context.note(mistakes(context.paintNote));
  if (options.json) context.printDocument(view);
  else context.print(renderServices(view, context.paint, widthOf(context.terminal.stdout)));
  return 0;
}

interface Look {
  readonly view: ServicesView;
  /** The mesh file, and so another one is in force. */
  readonly hasMistakes: boolean;
}

async function look(client: AdminClient): Promise<Look> {
  const [view, { rejected }] = await Promise.all([client.services(), client.status()]);
  return { view, hasMistakes: rejected.length > 0 };
}

function mistakes(paint: Paint): string {
  return `${paint.yellow('!')} the mesh file has mistakes, and an earlier one is in force: see \`mesh check\``;
}

async function watch(context: Context, client: AdminClient, { json }: LsOptions): Promise<number> {
  const ending = new Ending(context.terminal);
  try {
    if (!json && hasScreen(context.terminal)) await showLive(context, tableOf(context, client), ending);
    else await tellChanges(context, client, ending, json ? asLine : asTable(context));
    return ending.exitCode;
  } finally {
    ending.close();
  }
}

function tableOf({ paint }: Context, client: AdminClient): LiveView<Look> {
  return { interval, look: () => look(client), render: (seen, _at, size) => tableFrame(seen, size, paint) };
}

/** The table as far as there is room for it, and how much of it there is no room for. */
function tableFrame({ view, hasMistakes }: Look, { columns, rows }: ScreenSize, paint: Paint): Frame {
  const lines = renderServices(view, paint, columns).split('\n');
  const all = hasMistakes ? [mistakes(paint), ...lines] : lines;
  const hidden = all.length - rows;
  const frame = hidden > 0 ? [...all.slice(0, rows - 1), paint.dim(`… ${hidden + 1} more`)] : all;
  return frame.map((line) => clip(line, columns));
}

/** Off a terminal: at once, and then whenever it reads otherwise than before. */
async function tellChanges(
  { terminal, paintNote, note }: Context,
  client: AdminClient,
  ending: Ending,
  textOf: (view: ServicesView) => string,
): Promise<void> {
  let told = '';
  let hadMistakes = false;
  while (!ending.hasCome) {
    const { view, hasMistakes } = await look(client);
    if (hasMistakes && !hadMistakes) note(mistakes(paintNote));
    hadMistakes = hasMistakes;
    const text = textOf(view);
    if (text !== told) terminal.stdout.write(text);
    told = text;
    await terminal.pause(interval, ending.signal);
  }
}

/** An empty line tells one table from the next. */
function asTable({ terminal, paint }: Context): (view: ServicesView) => string {
  return (view) => `${renderServices(view, paint, widthOf(terminal.stdout))}\n\n`;
}

function asLine(view: ServicesView): string {
  return `${JSON.stringify(view)}\n`;
}
