import type { OverviewServiceView } from '../../../admin/overview-wire.js';
import type { MetricsView } from '../../../admin/wire.js';
import { printable } from '../../../foundation/text.js';
import type { Row } from '../../top/rows.js';
import type { SortName } from '../../top/sort.js';
import { latency, rate } from '../numbers.js';
import type { Paint } from '../paint.js';
import { tint } from '../paint.js';
import { budgetCell, successCell, upCell } from '../services.js';
import type { StateInWords } from '../state.js';
import { instanceState, processState, serviceState } from '../state.js';
import { shortenMiddle } from '../width.js';

/** A column of numbers or words; sparklines and badges take what room is left. */
export interface TopColumn {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly sort?: SortName;
  /** Where there is no room for all, those with the highest number are left out first; 0 stays. */
  readonly spare: number;
  /** Characters: as many as its texts have as a rule, so that the table does not sway with its digits. */
  readonly least: number;
  /** @param width of the whole table */
  cell(row: Row, paint: Paint, width: number): string;
}

/** Characters of `12.5 ms`. */
const latencyWidth = 7;

export const topColumns = {
  name: { head: 'SERVICE', align: 'left', sort: 'service', spare: 0, least: 0, cell: nameCell },
  state: { head: 'STATE', align: 'left', spare: 1, least: 8, cell: stateCell },
  up: ofService('UP', 6, upCell),
  rps: numbers('RPS', 'rps', { spare: 0, least: 5 }, ({ requestsPerSecond }) => rate(requestsPerSecond)),
  success: numbers('SUCCESS', 'success', { spare: 2, least: 0 }, successCell),
  p50: numbers('P50', 'p50', { spare: 8, least: latencyWidth }, ({ p50 }) => latency(p50)),
  p95: numbers('P95', 'p95', { spare: 9, least: latencyWidth }, ({ p95 }) => latency(p95)),
  p99: numbers('P99', 'p99', { spare: 3, least: latencyWidth }, ({ p99 }) => latency(p99)),
  inFlight: { head: 'IN FLIGHT', align: 'right', sort: 'in-flight', spare: 10, least: 0, cell: inFlightCell },
  queued: ofService('QUEUED', 11, ({ metrics }) => String(metrics.queued), 'queued'),
  retries: ofService('RETRIES', 12, ({ metrics }) => `${rate(metrics.retriesPerSecond)}/s`),
  budget: ofService('BUDGET', 7, budgetCell),
} as const satisfies Record<string, TopColumn>;

/** What all that can be called is told in. */
type Numbers = Omit<MetricsView, 'inFlight'>;

function numbersOf(row: Row): Numbers | null {
  switch (row.kind) {
    case 'service':
      return row.service.expose ? row.service.metrics : null;
    case 'instance':
      return row.instance.metrics;
    case 'process':
      return null;
    case 'edge':
      return row.edge;
  }
}

function numbers(
  head: string,
  sort: SortName,
  size: Pick<TopColumn, 'spare' | 'least'>,
  textOf: (numbers: Numbers, paint: Paint) => string,
): TopColumn {
  const cell = (row: Row, paint: Paint) => {
    const found = numbersOf(row);
    return found === null ? '' : textOf(found, paint);
  };
  return { head, align: 'right', sort, ...size, cell };
}

function ofService(
  head: string,
  spare: number,
  textOf: (service: OverviewServiceView, paint: Paint) => string,
  sort?: SortName,
): TopColumn {
  const cell = (row: Row, paint: Paint) =>
    row.kind === 'service' && row.service.expose ? textOf(row.service, paint) : '';
  return { head, align: 'right', spare, least: 0, cell, ...(sort !== undefined && { sort }) };
}

/** Characters, and the part of the width: a longer name would push what is wrong off the screen. */
const nameLimits = { least: 12, share: 1 / 3, most: 40 };

function nameCell(row: Row, paint: Paint, width: number): string {
  const { least, share, most } = nameLimits;
  const room = Math.min(most, Math.max(least, Math.floor(width * share)));
  const named = (indent: string, name: string) => indent + shortenMiddle(printable(name), room - indent.length);
  switch (row.kind) {
    case 'service':
      return paint.bold(named('', row.service.name));
    case 'instance':
      return named('  ', row.instance.id);
    case 'process':
      return named('  ', row.process.replica);
    case 'edge':
      return row.direction === 'in' ? named('  ← ', row.edge.caller ?? 'clients') : named('  → ', row.edge.service);
  }
}

function stateCell(row: Row, paint: Paint): string {
  const state = stateOf(row);
  return state === undefined ? '' : tint(paint, state.tone, state.words);
}

function stateOf(row: Row): StateInWords | undefined {
  switch (row.kind) {
    case 'service':
      return serviceState(row.service);
    case 'instance':
      return instanceState(row.instance);
    case 'process':
      return processState(row.process);
    case 'edge':
      return undefined;
  }
}

function inFlightCell(row: Row): string {
  if (row.kind === 'instance') return String(row.instance.active);
  return row.kind === 'service' && row.service.expose ? String(row.service.metrics.inFlight) : '';
}
