import type { AdminClient } from '../../admin/client.js';
import type { LogEventView } from '../../admin/logs-wire.js';
import { schemaVersion } from '../../admin/schema-version.js';
import type { ServicesView } from '../../admin/wire.js';
import { MeshError } from '../../foundation/errors.js';
import { printable } from '../../foundation/text.js';
import { parseSince, sinceExpected } from '../../supervisor/output.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { Ending } from '../ending.js';
import { keepPace } from '../pace.js';
import { LogLines } from '../render/logs.js';
import { matching, newest, patternOf } from './logs-filter.js';

export interface LogsOptions extends ConnectOptions {
  readonly follow?: boolean;
  /** The newest so many lines of each service, of those that match. */
  readonly tail?: number;
  /** A duration, or an RFC 3339 time. */
  readonly since?: string;
  /** A regular expression. */
  readonly grep?: string;
  readonly invertMatch?: boolean;
  /** The id of an exchange, or that of a trace. */
  readonly trace?: string;
  readonly json?: boolean;
}

export async function logs(context: Context, names: readonly string[], options: LogsOptions): Promise<number> {
  const { terminal } = context;
  const pattern = patternOf(options);
  refuseSince(options.since);
  const { client } = await connect(terminal, options);
  const services = await client.services();
  if (names.length === 0 && services.services.every(({ processes }) => processes.length === 0)) {
    context.note('the mesh runs no process, so it has no output to show');
  }
  const ending = new Ending(terminal);
  try {
    await tell(context, eventsOf(client, names, options, pattern, ending), services, options, ending);
    return ending.exitCode;
  } finally {
    ending.close();
  }
}

function refuseSince(since: string | undefined): void {
  if (since === undefined || parseSince(since) !== undefined) return;
  throw new MeshError('usage', `\`${since}\` is no time`, { hint: `Write ${sinceExpected}.` });
}

/** What the mesh tells. A pattern is looked for here, whatever it costs; then it is here, too, that its lines are counted. */
function eventsOf(
  client: AdminClient,
  services: readonly string[],
  { tail, since, trace, json }: LogsOptions,
  pattern: ReturnType<typeof patternOf>,
  { signal }: Ending,
): AsyncIterable<LogEventView> {
  const query = { services, since, trace, traceIds: json };
  if (pattern === undefined) return client.followLogs({ ...query, tail }, signal);
  const matches = matching(client.followLogs(query, signal), pattern);
  return tail === undefined ? matches : newest(matches, tail);
}

/** What is kept is taken at once, before the mesh forgets it; what comes, at the pace of the reader. */
async function tell(
  { terminal, print, note, paint }: Context,
  events: AsyncIterable<LogEventView>,
  services: ServicesView,
  { json, follow, trace }: LogsOptions,
  ending: Ending,
): Promise<void> {
  const lines = new LogLines(paint, services);
  let isLive = false;
  let hasTold = false;
  for await (const event of events) {
    switch (event.type) {
      case 'line':
      case 'skipped':
        hasTold = true;
        print(json ? JSON.stringify({ schemaVersion, ...event }) : lines.of(event));
        break;
      case 'live':
        if (!follow)
          return hasTold || trace === undefined ? undefined : note(`no line that is kept names ${printable(trace)}`);
        isLive = true;
        break;
      case 'end':
        return note(`${printable(services.mesh)} has ended`);
    }
    if (isLive) await keepPace(terminal, ending.signal);
  }
}
