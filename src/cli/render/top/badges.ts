import type { OverviewServiceView } from '../../../admin/overview-wire.js';
import type { CircuitView } from '../../../admin/traffic-wire.js';
import { printable } from '../../../foundation/text.js';
import { formatDuration } from '../../../foundation/units.js';
import type { Row } from '../../top/rows.js';
import { rate } from '../numbers.js';
import type { Paint, Tone } from '../paint.js';
import { tint } from '../paint.js';

/** What is out of the ordinary, in a few words. */
export interface Badge {
  readonly words: string;
  readonly tone: Tone;
}

export function renderBadges(badges: readonly Badge[], paint: Paint): string {
  return badges.map(({ words, tone }) => tint(paint, tone, printable(words).replaceAll('\t', ' '))).join(' · ');
}

/** @param at milliseconds since 1970: what is left of a time is counted from there */
export function badgesOf(row: Row, at: number): Badge[] {
  switch (row.kind) {
    case 'service':
      return serviceBadges(row.service, at);
    case 'instance':
      return instanceBadges(row.instance, at);
    case 'process': {
      const { state, detail, restarts } = row.process;
      return [...(state === 'ready' ? [] : [quiet(detail)]), ...restartBadge(restarts)];
    }
    case 'edge':
      return [];
  }
}

/** The worst first: what comes last is cut off first. */
function serviceBadges(service: OverviewServiceView, at: number): Badge[] {
  const { traffic, instances, metrics, processes } = service;
  const { shaping } = traffic;
  const ejected = instances.filter(({ ejection }) => ejection !== null).length;
  const open = instances.filter(({ circuit }) => circuit?.state === 'open').length;
  const refused = ((shaping.rateLimit?.refused ?? 0) + (shaping.concurrency?.refused ?? 0)) / refusedWindow;
  return [
    ...service.firing.map((name): Badge => ({ words: `firing: ${name}`, tone: 'bad' })),
    ...circuitBadge(traffic.circuit, at),
    ...(open === 0 ? [] : [bad(open === 1 ? '1 circuit open' : `${open} circuits open`)]),
    ...(ejected === 0 ? [] : [bad(`${ejected} ejected`)]),
    ...(traffic.panicking ? [bad('panicking')] : []),
    ...shapeBadges(service, at),
    ...(metrics.queued === 0 ? [] : [busy(`${metrics.queued} queued`)]),
    ...(refused === 0 ? [] : [busy(`${rate(refused)}/s over the limit`)]),
    ...(traffic.split?.isOverride ? [busy('split at run time')] : []),
    ...restartBadge(processes.reduce((sum, process) => sum + process.restarts, 0)),
  ];
}

/** Seconds over which refusals are counted. */
const refusedWindow = 10;

/** What was said at run time, or, where nothing was, that the mesh file has faults. */
function shapeBadges({ traffic: { shaping } }: OverviewServiceView, at: number): Badge[] {
  const { active, faults } = shaping;
  if (active !== null) {
    const left = active.until === null ? '' : `${timeLeft(active.until, at)} `;
    const by = active.by.startsWith('scenario ') ? ` (${active.by})` : '';
    return [busy(`${left}${active.words.join(', ')}${by}`)];
  }
  if (faults.length === 0) return [];
  return [busy(faults.length === 1 ? (faults[0]?.words ?? '') : `${faults.length} faults`)];
}

function instanceBadges(instance: OverviewServiceView['instances'][number], at: number): Badge[] {
  const { ejection, circuit, version, address, healthReason, health, lease } = instance;
  return [
    ...(ejection === null ? [] : [bad(`back in ${timeLeft(ejection.until, at)}: ${ejection.reason}`)]),
    ...circuitBadge(circuit, at),
    ...(health === 'unhealthy' && healthReason !== null ? [bad(healthReason)] : []),
    ...(version === null ? [] : [quiet(version)]),
    quiet(address),
    ...(lease === null ? [] : [quiet(`lease ${whole(lease.remaining)}`)]),
  ];
}

function circuitBadge(circuit: CircuitView | null, at: number): Badge[] {
  if (circuit === null || circuit.state === 'closed') return [];
  if (circuit.state === 'half-open') return [busy('circuit half-open')];
  return [bad(`circuit open ${timeLeft(circuit.until, at)}`)];
}

function restartBadge(count: number): Badge[] {
  return count === 0 ? [] : [quiet(count === 1 ? '1 restart' : `${count} restarts`)];
}

function timeLeft(until: number, at: number): string {
  return whole(Math.max(0, until - at));
}

/** `42s`; people count whole seconds, and the last one to its end. */
function whole(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  return seconds === 0 ? '0s' : formatDuration(seconds * 1_000);
}

function bad(words: string): Badge {
  return { words, tone: 'bad' };
}

function busy(words: string): Badge {
  return { words, tone: 'busy' };
}

function quiet(words: string): Badge {
  return { words, tone: 'quiet' };
}
