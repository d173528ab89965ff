import type { CircuitView, MirrorView, TrafficView } from '../../admin/traffic-wire.js';
import type { InstanceView, ServiceView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import { formatDuration } from '../../foundation/units.js';
import { latency } from './numbers.js';
import type { Paint, Tone } from './paint.js';
import { tint } from './paint.js';
import { shapingRows } from './shaping.js';

/** How requests are dealt out, as lines of a label and a text. What a service does not configure is not mentioned. */
export function trafficRows({ traffic, instances }: ServiceView, now: number, paint: Paint): [string, string][] {
  const rows: [string, string][] = [['policy', printable(traffic.loadBalancer)]];
  if (traffic.panicking) {
    rows.push(['panic', tint(paint, 'bad', 'too few instances are healthy: all of them get requests')]);
  }
  if (traffic.split !== null) rows.push(['split', splitInWords(traffic, instances)]);
  if (traffic.circuit !== null) rows.push(['circuit', circuitInWords(traffic.circuit, now, paint)]);
  if (traffic.retries !== null) rows.push(['retries', retriesInWords(traffic.retries)]);
  if (traffic.connections !== null) {
    const { used, limit, waiting } = traffic.connections;
    rows.push(['pool', `${used} of ${limit} connections in use, ${waiting} waiting for one`]);
  }
  if (traffic.mirror !== null) rows.push(['mirror', mirrorInWords(traffic.mirror)]);
  rows.push(...shapingRows(traffic.shaping, now, paint));
  return rows;
}

function retriesInWords({ requests, retries, refused }: NonNullable<TrafficView['retries']>): string {
  const denied = refused === 0 ? '' : `, ${refused} more refused by the budget`;
  return `${retries} for ${requests} requests in the last 10s${denied}`;
}

/** What `mesh split` shows. */
export function renderSplit({ name, traffic, instances }: ServiceView, paint: Paint): string {
  const title = paint.bold(printable(name));
  if (traffic.split === null) return `${title} is not split: its instances get requests by their weights`;
  return `${title}  ${splitInWords(traffic, instances)}`;
}

/** `v1 90 % · v2 10 % by cookie:user (at run time)`; a version that nobody runs is named. */
function splitInWords({ split }: TrafficView, instances: readonly InstanceView[]): string {
  if (split === null) return '–';
  const shares = Object.entries(split.shares).map(([version, share]) => {
    const isThere = share === 0 || instances.some((instance) => instance.version === version);
    return `${printable(version)} ${percent(share)}${isThere ? '' : ' (no instance)'}`;
  });
  const by = split.by === null ? '' : ` by ${printable(split.by)}`;
  return `${shares.join(' · ')}${by}${split.isOverride ? ' (at run time)' : ''}`;
}

export function circuitInWords(circuit: CircuitView, now: number, paint: Paint): string {
  const tone: Tone = ({ closed: 'good', open: 'bad', 'half-open': 'busy' } as const)[circuit.state];
  return tint(paint, tone, circuit.state) + paint.dim(` (${circuitDetail(circuit, now)})`);
}

function circuitDetail(circuit: CircuitView, now: number): string {
  switch (circuit.state) {
    case 'closed':
      return `${circuit.failures} of ${circuit.requests} failed`;
    case 'open':
      return `${printable(circuit.because)}; tried again ${inTime(circuit.until, now)}`;
    case 'half-open':
      return `probes: ${circuit.underWay} under way, ${circuit.succeeded} succeeded`;
  }
}

/** `in 12s` */
export function inTime(until: number, now: number): string {
  const left = Math.max(0, until - now);
  return left === 0 ? 'with the next request' : `in ${formatDuration(Math.max(1, Math.round(left / 1_000)) * 1_000)}`;
}

function mirrorInWords(mirror: MirrorView): string {
  const { compared, different, failed, skipped, differences, meanDuration } = mirror;
  const kinds = [`${differences.status} status`, `${differences.contentType} type`, `${differences.body} body`];
  return [
    `to ${printable(mirror.target)}`,
    `${compared} compared, ${different} different${different === 0 ? '' : ` (${kinds.join(', ')})`}`,
    ...(failed === 0 ? [] : [`${failed} failed (last: ${printable(mirror.lastFailure ?? '')})`]),
    ...(skipped === 0 ? [] : [`${skipped} not copied`]),
    ...(compared === 0 ? [] : [`mean ${latency(meanDuration.primary)} and ${latency(meanDuration.mirrored)}`]),
  ].join(' · ');
}

/** The rest is in `--json`. */
const samplesShown = 5;

/** The last differing answers, a line each. */
export function mirrorSamples({ mirror }: TrafficView): string[] {
  return (mirror?.samples ?? []).slice(-samplesShown).map(({ method, target, differs, primary, mirrored }) => {
    const side = ({ status, contentType, bytes, hash }: typeof primary) =>
      printable(`${status} ${contentType || 'no type'} ${bytes} B ${hash}`);
    return `${printable(`${method} ${target}`)}: ${differs.join(', ')}: ${side(primary)} | ${side(mirrored)}`;
  });
}

/** What an instance has got of all that was given out. */
export function served({ served }: InstanceView, instances: readonly InstanceView[]): string {
  const total = instances.reduce((sum, instance) => sum + instance.served, 0);
  return total === 0 ? '0' : `${served} (${percent(served / total)})`;
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
