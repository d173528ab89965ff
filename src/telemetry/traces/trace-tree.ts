import type { AttemptRecord, ExchangeRecord } from '../records/record.js';
import type { ServiceSpan } from './service-span.js';

/** A trace as one tree, each node before those beneath it, and siblings in the order in which they began. */
export type TraceNode = {
  /** 0 for one that nobody has caused, as far as is known. */
  readonly depth: number;
  /** Milliseconds since 1970, by the clock of the mesh. */
  readonly at: number;
  /** Milliseconds. */
  readonly duration: number;
} & Subject;

type Subject =
  | { readonly kind: 'exchange'; readonly record: ExchangeRecord }
  | { readonly kind: 'attempt'; readonly record: ExchangeRecord; readonly attempt: AttemptRecord }
  | {
      readonly kind: 'span';
      readonly span: ServiceSpan;
      /** As the span says, or else that which the mesh has asked; undefined where neither is known. */
      readonly service: string | undefined;
    };

/** A place in the tree that is being built. */
interface Branch {
  readonly subject: Subject;
  readonly at: number;
  readonly duration: number;
  readonly branches: Branch[];
}

/** Joins what the mesh has seen of a trace with what its services tell of it. */
export function traceTree(records: readonly ExchangeRecord[], spans: readonly ServiceSpan[]): TraceNode[] {
  const exchanges = records.map(exchangeBranch);
  const attempts = exchanges.flatMap(({ branches }) => branches);
  const own = spans.map(spanBranch);
  const named = namedBranches([...own, ...attempts]);
  const all = [...exchanges, ...own].sort(byTime);
  const roots = all.filter((branch) => {
    const parent = parentOf(branch, named, attempts);
    parent?.branches.push(branch);
    return parent === undefined;
  });
  const nodes = new Map<Branch, TraceNode>();
  // Behind the roots those that only hang on one another: ids come from outside, and may go in circles.
  for (const branch of [...roots, ...all]) walk(branch, { depth: 0, shift: 0, service: undefined }, nodes);
  return [...nodes.values()];
}

function exchangeBranch(record: ExchangeRecord): Branch {
  const { at, duration, attempts } = record;
  const branches = attempts.map((attempt): Branch => {
    const took = attempt.duration ?? Math.max(0, duration - attempt.begun);
    return { subject: { kind: 'attempt', record, attempt }, at: at + attempt.begun, duration: took, branches: [] };
  });
  return { subject: { kind: 'exchange', record }, at, duration, branches };
}

function spanBranch(span: ServiceSpan): Branch {
  const { at, duration, service } = span;
  return { subject: { kind: 'span', span, service }, at, duration, branches: [] };
}

/** By the ids by which others name them as their parent. */
function namedBranches(branches: readonly Branch[]): Map<string, Branch> {
  const named = new Map<string, Branch>();
  for (const branch of branches) {
    const { subject } = branch;
    if (subject.kind === 'span') named.set(subject.span.spanId, branch);
    if (subject.kind === 'attempt' && subject.attempt.spanId !== undefined) named.set(subject.attempt.spanId, branch);
  }
  return named;
}

/**
 * The one that it names. Where that is not known, because a service has sent no spans, or not all of them yet, the mesh knows
 * which service called: then it is the attempt at that service that was under way.
 */
function parentOf(
  { subject, at }: Branch,
  named: Map<string, Branch>,
  attempts: readonly Branch[],
): Branch | undefined {
  switch (subject.kind) {
    case 'attempt':
      return undefined;
    case 'span':
      if (subject.span.parentSpanId === undefined) return undefined;
      return named.get(subject.span.parentSpanId) ?? attemptAt(subject.span.service, at, attempts);
    case 'exchange':
      if (subject.record.parentSpanId === undefined) return undefined;
      return named.get(subject.record.parentSpanId) ?? attemptAt(subject.record.caller, at, attempts);
  }
}

/** Milliseconds: finer, the clock on the wall does not tell what came first. */
const clockGrain = 1;

/** The one that began last, of those under way then. */
function attemptAt(service: string | undefined, at: number, attempts: readonly Branch[]): Branch | undefined {
  if (service === undefined) return undefined;
  const underWay = attempts.filter(({ subject, at: begun }) => {
    if (subject.kind !== 'attempt' || subject.record.service !== service) return false;
    return begun - clockGrain <= at && at <= subject.record.at + subject.record.duration + clockGrain;
  });
  return underWay.sort(byTime).at(-1);
}

/** What holds beneath a node. */
interface Surroundings {
  readonly depth: number;
  /** That which runs there. */
  readonly service: string | undefined;
  /** Milliseconds by which its clock is set right. */
  readonly shift: number;
}

function walk(branch: Branch, { depth, service, shift }: Surroundings, nodes: Map<Branch, TraceNode>): void {
  if (nodes.has(branch)) return;
  const { subject, at, duration, branches } = branch;
  if (subject.kind !== 'span') {
    nodes.set(branch, { ...subject, depth, at, duration });
    for (const below of branches.sort(byTime)) {
      walk(below, { depth: depth + 1, service: subject.record.service, shift: shiftOf(below, branch) }, nodes);
    }
    return;
  }
  const known = subject.service ?? service;
  nodes.set(branch, { ...subject, service: known, depth, at: at + shift, duration });
  for (const below of branches.sort(byTime)) walk(below, { depth: depth + 1, service: known, shift }, nodes);
}

/**
 * A service can begin with an attempt neither before it was made nor when all is over: where it says so, its clock is another
 * (that of a container that has slept, for instance). Then its span is put to where the attempt begins: on one machine, next to
 * nothing lies between the two.
 */
function shiftOf({ subject, at }: Branch, attempt: Branch): number {
  if (subject.kind !== 'span' || attempt.subject.kind !== 'attempt') return 0;
  const { record } = attempt.subject;
  if (attempt.at <= at && at <= record.at + record.duration) return 0;
  return attempt.at - at;
}

function byTime(left: Branch, right: Branch): number {
  return left.at - right.at;
}
