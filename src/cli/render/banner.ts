import type { ServiceView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import { formatDuration } from '../../foundation/units.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';
import { address } from './services.js';
import { serviceState, upCount } from './state.js';

export interface BannerFacts {
  readonly version: string;
  readonly mesh: string;
  /** From the command to now, in milliseconds. */
  readonly took: number;
  /** The services that the mesh runs and that are not ready. */
  readonly waiting: readonly string[];
  readonly gateway: string;
  readonly admin: string;
  readonly services: readonly ServiceView[];
  /** What the reader should know, such as a port that was moved. */
  readonly notices: readonly string[];
  /** What to do next. */
  readonly closing: string;
}

/** What `mesh up` says once it has done its work. */
export function renderBanner(facts: BannerFacts, paint: Paint): string {
  const { services } = facts;
  const width = Math.max('Gateway:'.length, ...services.map(({ name }) => name.length));
  const row = (name: string, text: string) => `  ${paint.green('➜')}  ${paint.bold(name.padEnd(width))}  ${text}`;
  const urlWidth = Math.max(0, ...services.map((service) => plainAddress(service).length));
  return [
    '',
    `  ${paint.green.bold('MESH')} ${paint.green(`v${facts.version}`)}  ${headline(facts, paint)}`,
    '',
    row('Gateway:', paint.cyan(printable(facts.gateway))),
    row('Admin:', paint.cyan(printable(facts.admin))),
    ...services.map((service) => row(printable(service.name), serviceLine(service, urlWidth, paint))),
    ...facts.notices.map((notice) => `  ${paint.yellow(`!  ${printable(notice)}`)}`),
    `  ${paint.dim(`➜  ${facts.closing}`)}`,
    '',
  ].join('\n');
}

function headline({ mesh, waiting, took }: BannerFacts, paint: Paint): string {
  const time = took < 10_000 ? `${Math.round(took)} ms` : formatDuration(Math.round(took / 1_000) * 1_000);
  if (waiting.length === 0) return `${printable(mesh)} ready in ${paint.bold(time)}`;
  return paint.yellow(`${printable(mesh)} is up, not ready after ${time}: ${waiting.map(printable).join(', ')}`);
}

function serviceLine(service: ServiceView, width: number, paint: Paint): string {
  const { words, tone } = serviceState(service);
  const { up, total } = upCount(service);
  const plain = plainAddress(service);
  const parts = [address(service, paint) + ' '.repeat(width - plain.length), `${tint(paint, tone, `● ${words}`)}`];
  if (service.expose) parts.push(paint.dim(`${up}/${total}`));
  if (service.url !== null && service.listen !== null) parts.push(paint.dim(`and ${printable(service.listen)}`));
  return parts.join('  ');
}

function plainAddress({ url, listen }: ServiceView): string {
  return printable(url ?? listen ?? 'worker');
}
