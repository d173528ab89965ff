import type { ExchangeStory, ExchangeView } from '../../admin/exchanges-wire.js';
import { printable } from '../../foundation/text.js';
import { renderChoices } from './choices.js';
import { counted, timeOf, toneOf } from './exchange.js';
import { latency } from './numbers.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';

/** Characters of the bars. */
const barWidth = 40;

/** One line of the waterfall. Milliseconds behind the beginning of the exchange. */
interface Stretch {
  readonly name: string;
  readonly begun: number;
  readonly duration: number;
  readonly remark: string;
}

/** What `mesh explain` shows: the story of one exchange, and where its time went. */
export function renderStory(exchange: ExchangeStory, paint: Paint): string {
  const parts = [heading(exchange, paint), facts(exchange, paint), waterfall(exchange, paint)];
  return [...parts, renderChoices(exchange, paint)].filter((part) => part !== '').join('\n\n');
}

function heading(exchange: ExchangeView, paint: Paint): string {
  const { method, authority, target, at, duration } = exchange;
  const request = `${printable(method)} ${printable(`http://${authority}${target === '*' ? '' : target}`)}`;
  return `${paint.bold(request)}  ${tint(paint, toneOf(exchange), outcomeInWords(exchange))}  ${paint.dim(`${timeOf(at)}, ${latency(duration)}`)}`;
}

function outcomeInWords({ outcome, status, code }: ExchangeView): string {
  switch (outcome) {
    case 'answered':
      return `${status} from the service`;
    case 'refused':
      return `${status} from the mesh: ${printable(code ?? '')}`;
    case 'cut':
      return 'the answer broke off, and the client was cut';
    case 'abandoned':
      return 'the client went away';
  }
}

function facts(exchange: ExchangeStory, paint: Paint): string {
  const { caller, client, faults, bytes, id, traceId, tunnel } = exchange;
  const rows: Array<[string, string]> = [
    ['service', serviceInWords(exchange)],
    ['route', routeInWords(exchange)],
    ['caller', caller ?? `not known to the mesh (${client})`],
    ['bytes', `${bytes.received} of the request, ${bytes.sent} of the answer${tunnel ? ', then a tunnel' : ''}`],
    ...counted(faults).map((fault): [string, string] => ['fault', fault]),
    ['id', id],
    ['trace', traceId === '' ? 'none' : traceId],
  ];
  return rows.map(([label, text]) => `  ${paint.dim(label.padEnd(7))}  ${printable(text)}`).join('\n');
}

function serviceInWords({ service, version, versionBy }: ExchangeStory): string {
  const why = versionBy === null ? '' : `, ${versionWords[versionBy]}`;
  return `${service ?? 'none'}${version === null ? '' : ` ${version}${why}`}`;
}

const versionWords = {
  route: 'which its route names',
  split: 'by the split',
  sticky: 'as its client was given before',
} as const;

function routeInWords({ service, route, foundBy, conditions, authority }: ExchangeStory): string {
  switch (foundBy) {
    case 'route':
      return `${route ?? ''}, for ${conditions.join(', ')}`;
    case 'name':
      return `found by its name, ${authority}`;
    case 'header':
      return `found by the field x-mesh-service: ${service ?? ''}`;
    case 'port':
      return 'found by its own port';
    case 'door':
      return "found by the caller's door";
    case null:
      return 'none matched';
  }
}

/** Waits and attempts under one another, each where it lies in the time of the whole. */
function waterfall(exchange: ExchangeView, paint: Paint): string {
  const stretches = stretchesOf(exchange);
  if (stretches.length === 0) return '  No instance was asked.';
  const width = Math.max(...stretches.map(({ name }) => name.length));
  return stretches
    .map(({ name, begun, duration, remark }) => {
      const bar = barOf(begun, duration, exchange.duration);
      return `  ${printable(name).padEnd(width)}  ${paint.cyan(bar)}  ${latency(duration).padStart(8)}  ${remark}`.trimEnd();
    })
    .join('\n');
}

function stretchesOf({ waits, attempts, duration, outcome }: ExchangeView): Stretch[] {
  const before = waits.filter(({ kind }) => kind !== 'backoff' && kind !== 'fault' && kind !== 'connection-pool');
  let at = 0;
  const early = before.map((wait): Stretch => {
    const begun = at;
    at += wait.duration;
    return { name: waitNames[wait.kind], begun, duration: wait.duration, remark: '' };
  });
  // Those between the attempts end where the next attempt begins; which one that was is not on record, so they are summed up.
  const between = waits.filter((wait) => !before.includes(wait));
  const inside = between.map((wait): Stretch => {
    return {
      name: waitNames[wait.kind],
      begun: Math.max(0, (attempts[0]?.begun ?? duration) - wait.duration),
      duration: wait.duration,
      remark: '',
    };
  });
  const tries = attempts.map(({ instance, begun, duration: took, status, code, message }, index): Stretch => {
    const result = status === null ? `${code ?? 'no answer'}${message === null ? '' : `: ${message}`}` : String(status);
    return {
      name: `attempt ${index + 1} ${instance}`,
      begun,
      duration: took ?? duration - begun,
      remark: printable(result),
    };
  });
  const last = attempts.at(-1);
  const headAt = last?.duration == null ? undefined : last.begun + last.duration;
  const body: Stretch[] =
    headAt === undefined || outcome === 'refused'
      ? []
      : [{ name: 'body to the client', begun: headAt, duration: Math.max(0, duration - headAt), remark: '' }];
  return [...early, ...inside, ...tries, ...body];
}

const waitNames = {
  arrivals: 'waited while connections came',
  'rate-limit': 'waited under the rate limit',
  concurrency: 'waited under the concurrency limit',
  'connection-pool': 'waited for a connection',
  start: 'waited for the program to start',
  backoff: 'waited for the next try',
  fault: 'held up by a fault',
} as const;

function barOf(begun: number, duration: number, whole: number): string {
  const scale = whole === 0 ? 0 : barWidth / whole;
  const left = Math.min(barWidth - 1, Math.floor(begun * scale));
  const length = Math.max(1, Math.min(barWidth - left, Math.round(duration * scale)));
  return `${' '.repeat(left)}${'█'.repeat(length)}`.padEnd(barWidth);
}
