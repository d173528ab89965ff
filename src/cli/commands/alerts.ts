import type { AlertsView, AlertView } from '../../admin/alerts-wire.js';
import type { AdminClient } from '../../admin/client.js';
import { MeshError } from '../../foundation/errors.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { widthOf } from '../context.js';
import { Ending } from '../ending.js';
import { renderAlertDetails } from '../render/alert-details.js';
import { alertLine, renderAlerts } from '../render/alerts.js';
import type { Frame } from '../render/frame.js';
import { clip } from '../render/width.js';
import type { ScreenSize } from '../screen.js';
import { hasScreen } from '../screen.js';
import { showLive } from './live-screen.js';

export interface AlertsOptions extends ConnectOptions {
  readonly watch?: boolean;
  readonly service?: string;
  readonly json?: boolean;
}

/** Milliseconds between two looks of `--watch`. */
const interval = 1_000;

export async function alerts(context: Context, words: readonly string[], options: AlertsOptions): Promise<number> {
  const name = nameIn(words, options);
  const { client } = await connect(context.terminal, options);
  if (name !== undefined) return show(context, client, name, options);
  if (options.watch) return watch(context, client, options);
  const view = await client.alerts();
  if (options.json) context.printDocument(view);
  else context.print(renderAlerts(view, context.terminal.now(), context.paint, widthOf(context.terminal.stdout)));
  return 0;
}

/** `show orders are failing`: a name of several words needs no quotes. Undefined where all of them are meant. */
function nameIn([verb, ...words]: readonly string[], { watch: isWatch, service }: AlertsOptions): string | undefined {
  const name = words.join(' ');
  if (verb === undefined) {
    if (service === undefined) return undefined;
    throw new MeshError('usage', '`--service` goes with `show`', { hint: 'Say `mesh alerts show NAME --service …`.' });
  }
  if (verb !== 'show') {
    const hint = `Did you mean \`mesh alerts show ${[verb, ...words].join(' ')}\`?`;
    throw new MeshError('usage', `\`mesh alerts\` knows \`show\`, not \`${verb}\``, { hint });
  }
  if (name === '') throw new MeshError('usage', 'Which alert?', { hint: '`mesh alerts` lists them.' });
  if (isWatch)
    throw new MeshError('usage', '`--watch` goes without `show`', { hint: 'What was found stays as it is.' });
  return name;
}

async function show(
  { terminal, paint, print, printDocument }: Context,
  client: AdminClient,
  name: string,
  { service, json }: AlertsOptions,
): Promise<number> {
  const view = await client.alert(name, service);
  if (json) printDocument(view);
  else print(renderAlertDetails(view, terminal.now(), terminal.directory, paint, widthOf(terminal.stdout)));
  return 0;
}

async function watch(context: Context, client: AdminClient, { json }: AlertsOptions): Promise<number> {
  const { terminal, paint } = context;
  const ending = new Ending(terminal);
  const look = () => client.alerts();
  const render = (view: AlertsView, at: number, size: ScreenSize) => frameOf(view, at, size, context);
  try {
    if (!json && hasScreen(terminal)) await showLive(context, { interval, look, render }, ending);
    else {
      const seen = new Map<string, string>();
      while (!ending.hasCome) {
        const view = await look();
        const news = view.alerts.filter((alert) => isNews(alert, seen));
        if (json && news.length > 0) terminal.stdout.write(`${JSON.stringify({ ...view, alerts: news })}\n`);
        if (!json) for (const alert of news) context.print(alertLine(alert, terminal.now(), paint));
        await terminal.pause(interval, ending.signal);
      }
    }
    return ending.exitCode;
  } finally {
    ending.close();
  }
}

function frameOf(view: AlertsView, at: number, { columns, rows }: ScreenSize, { paint }: Context): Frame {
  const lines = renderAlerts(view, at, paint, columns).split('\n');
  const hidden = lines.length - rows;
  const frame = hidden > 0 ? [...lines.slice(0, rows - 1), paint.dim(`… ${hidden + 1} more`)] : lines;
  return frame.map((line) => clip(line, columns));
}

/** Off a terminal only another state is news: values move all the time. */
function isNews({ name, service, state, since }: AlertView, seen: Map<string, string>): boolean {
  const key = JSON.stringify([name, service]);
  const now = `${state} ${since}`;
  if (seen.get(key) === now) return false;
  seen.set(key, now);
  return true;
}
