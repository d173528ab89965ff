import type { EdgeView, GraphView } from '../../admin/graph-wire.js';
import { printable } from '../../foundation/text.js';
import { latency, rate } from './numbers.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';
import { failureTone } from './state.js';
import type { Column } from './table.js';
import { fitTable } from './table.js';

/** Callers that the mesh does not know. */
const clients = 'clients';

const columns: readonly Column[] = [
  { head: 'CALLS' },
  { head: 'RPS', align: 'right', spare: 1 },
  { head: 'FAILED', align: 'right' },
  { head: 'P50', align: 'right', spare: 3 },
  { head: 'P99', align: 'right', spare: 2 },
];

/** What `mesh graph` shows, in so many characters where that is possible: a row for each edge, then services without one. */
export function renderGraph(view: GraphView, paint: Paint, width: number): string {
  const ends = new Set(view.edges.flatMap(({ caller, service }) => [caller, service]));
  const idle = view.services.filter((service) => !ends.has(service));
  const rows = [
    ...view.edges.map((edge) => edgeCells(edge, paint)),
    ...idle.map((service) => [printable(service), ...columns.slice(1).map(() => '')]),
  ];
  return rows.length === 0 ? `${printable(view.mesh)} has no services yet.` : fitTable(columns, rows, paint, width);
}

function edgeCells({ caller, service, requestsPerSecond, errorRate, p50, p99 }: EdgeView, paint: Paint): string[] {
  const from = caller === null ? paint.dim(clients) : paint.bold(printable(caller));
  const share = failed(errorRate);
  return [
    `${from} → ${paint.bold(printable(service))}`,
    rate(requestsPerSecond),
    errorRate > 0 ? tint(paint, failureTone(errorRate), share) : share,
    latency(p50),
    latency(p99),
  ];
}

/** A flowchart. Nodes have numbers, for a name such as `end` is a word of the language. */
export function renderMermaid(view: GraphView): string {
  const ids = new Map(nodesOf(view).map((node, index) => [node, `n${index}`]));
  return [
    'flowchart LR',
    ...Array.from(ids, ([node, id]) =>
      node === null ? `  ${id}([${inMermaid(clients)}])` : `  ${id}[${inMermaid(node)}]`,
    ),
    ...view.edges.map((edge) => `  ${ids.get(edge.caller)} -->|${inMermaid(label(edge))}| ${ids.get(edge.service)}`),
  ].join('\n');
}

/** Whatever could end the text, or begin an entity, a tag or Markdown within it, is written by its number. */
function inMermaid(text: string): string {
  return `"${printable(text).replace(/["#&<>`*_\\]/g, (character) => `#${character.charCodeAt(0)};`)}"`;
}

/** A graph in the language of Graphviz. */
export function renderDot(view: GraphView): string {
  return [
    `digraph ${inDot(view.mesh)} {`,
    '  rankdir=LR;',
    '  node [shape=box];',
    ...nodesOf(view).map((node) => (node === null ? `  ${dotId(node)} [${outside}];` : `  ${dotId(node)};`)),
    ...view.edges.map((edge) => `  ${dotId(edge.caller)} -> ${dotId(edge.service)} [label=${inDot(label(edge))}];`),
    '}',
  ].join('\n');
}

/** In parentheses no service has this name, even one that is called `clients`. */
function dotId(node: string | null): string {
  return inDot(node ?? `(${clients})`);
}

function inDot(text: string): string {
  return `"${printable(text).replace(/["\\]/g, '\\$&')}"`;
}

const outside = `label=${inDot(clients)}, shape=ellipse`;

/** All that is drawn: unknown callers where there are any, the services, and callers that are none any more. */
function nodesOf({ services, edges }: GraphView): Array<string | null> {
  const callers = edges.map(({ caller }) => caller);
  return [...new Set([...(callers.includes(null) ? [null] : []), ...services, ...callers])];
}

function label({ requestsPerSecond, errorRate, p50, p99 }: EdgeView): string {
  return `${rate(requestsPerSecond)}/s · ${failed(errorRate)} failed · p50 ${latency(p50)} · p99 ${latency(p99)}`;
}

/** Rounded up: 0% is said only where nothing failed. */
function failed(errorRate: number): string {
  return `${Math.ceil(errorRate * 1_000 - 1e-6) / 10}%`;
}
