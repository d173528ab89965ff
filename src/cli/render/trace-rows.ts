import type { ExchangeView } from '../../admin/exchanges-wire.js';
import type { SpanView, TraceView } from '../../admin/traces-wire.js';
import { printable } from '../../foundation/text.js';
import { toneOf } from './exchange.js';
import type { Tone } from './paint.js';

/** A line of the picture of a trace. */
export interface TraceRow {
  /** A request through the mesh, one of its attempts, or what a service tells of its own. */
  readonly kind: 'exchange' | 'attempt' | 'span';
  /** Milliseconds behind the beginning of the trace. */
  readonly begun: number;
  readonly duration: number;
  readonly name: string;
  /** What came of it, and who did it. */
  readonly remark: string;
  readonly tone: Tone;
  /** What it has caused, in the order in which it began. */
  readonly rows: TraceRow[];
}

/** The trace as rows beneath rows. An attempt that was the only one is told with its exchange, in one row. */
export function traceRows({ tree, ...trace }: TraceView): TraceRow[] {
  const exchanges = new Map(trace.exchanges.map((exchange) => [exchange.sequence, exchange]));
  const spans = new Map(trace.spans.map((span) => [span.spanId, span]));
  const roots: TraceRow[] = [];
  /** The rows above the next one, outermost first. */
  const above: TraceRow[] = [];
  for (const node of tree) {
    above.length = Math.min(above.length, node.depth);
    const parent = above.at(-1);
    const exchange = node.kind === 'span' ? undefined : exchanges.get(node.exchange);
    if (node.kind === 'attempt' && parent !== undefined && exchange?.attempts.length === 1) {
      above.push(parent);
      continue;
    }
    const { kind, begun, duration } = node;
    const texts =
      node.kind === 'span'
        ? spanTexts(spans.get(node.spanId))
        : node.kind === 'attempt'
          ? attemptTexts(exchange?.attempts[node.attempt], node.attempt)
          : exchangeTexts(exchange);
    const row: TraceRow = { kind, begun, duration, ...texts, rows: [] };
    (parent?.rows ?? roots).push(row);
    above.push(row);
  }
  return roots;
}

type Texts = Pick<TraceRow, 'name' | 'remark' | 'tone'>;

const unknown: Texts = { name: '?', remark: '', tone: 'quiet' };

function exchangeTexts(exchange: ExchangeView | undefined): Texts {
  if (exchange === undefined) return unknown;
  const { service, method, target, status, outcome, code, attempts } = exchange;
  const [path = ''] = target.split('?');
  const [only] = attempts.length === 1 ? attempts : [];
  const parts = [status ?? outcome, code ?? only?.instance ?? ''];
  return {
    name: printable(`→ ${service ?? '(no service)'} ${method} ${path}`),
    remark: printable(parts.join(' ').trimEnd()),
    tone: toneOf(exchange),
  };
}

function attemptTexts(attempt: ExchangeView['attempts'][number] | undefined, index: number): Texts {
  if (attempt === undefined) return unknown;
  const { instance, status, code } = attempt;
  return {
    name: printable(`attempt ${index + 1} ${instance}`),
    remark: printable(String(status ?? code ?? 'no answer')),
    tone: status === null || status >= 500 ? 'bad' : 'good',
  };
}

function spanTexts(span: SpanView | undefined): Texts {
  if (span === undefined) return unknown;
  const { name, service, status, statusMessage } = span;
  const error = status === 'error' ? `error${statusMessage === '' ? '' : `: ${statusMessage}`}` : '';
  return {
    name: printable(name === '' ? '(no name)' : name),
    remark: printable([error, service ?? ''].filter((part) => part !== '').join('  ')),
    tone: status === 'error' ? 'bad' : 'good',
  };
}
