import type { ShapeBody } from '../../admin/shaping-wire.js';
import { MeshError } from '../../foundation/errors.js';
import type { ShapeOptions } from './shape-options.js';
import { flagOf } from './shape-options.js';

/** Keys of a service, as the mesh file has them. */
export type ShapeValues = Omit<ShapeBody, 'for' | 'by'>;

/** What a command line of `mesh shape` asks for. */
export type ShapeWish =
  | { readonly kind: 'list' }
  | { readonly kind: 'show'; readonly service: string }
  /** @property duration as in the mesh file; undefined: until it is cleared */
  | { readonly kind: 'set'; readonly service: string; readonly values: ShapeValues; readonly duration?: string }
  | { readonly kind: 'clear'; readonly service: string }
  | { readonly kind: 'clear-all' }
  | { readonly kind: 'save'; readonly service: string; readonly values: ShapeValues }
  | { readonly kind: 'clear-saved'; readonly service: string }
  | { readonly kind: 'list-scenarios' }
  | { readonly kind: 'play'; readonly scenario: string }
  | { readonly kind: 'stop' };

type Key = Exclude<keyof ShapeOptions, 'file' | 'json'>;

const faultKeys = [
  'delay',
  'abort',
  'reset',
  'throttle',
  'slowClose',
  'truncate',
  'corrupt',
  'blackhole',
  'mock',
] as const satisfies Key[];

const shapeKeys = [...faultKeys, 'rate', 'limit', 'bandwidth', 'up', 'down'] as const satisfies Key[];

/** An option that says more of another one: it means nothing without any of these. */
const companions: ReadonlyArray<readonly [option: Key, of: readonly Key[]]> = [
  ['jitter', ['delay']],
  ['distribution', ['jitter']],
  ['body', ['mock']],
  ['burst', ['rate']],
  ['percentage', faultKeys],
  ['match', faultKeys],
  ['for', shapeKeys],
  ['save', [...shapeKeys, 'clear']],
];

/** What stands alone, and what may stand beside it. */
const soloists = [
  ['scenario', []],
  ['stop', []],
  ['clear', ['save']],
] as const satisfies ReadonlyArray<readonly [option: Key, beside: readonly Key[]]>;

/** @throws usage for a contradiction */
export function readWish([service]: readonly string[], options: ShapeOptions): ShapeWish {
  const { file: _, json: __, ...said } = options;
  refuseContradictions(service, said);
  const { scenario, stop, clear, save, for: duration } = options;
  if (scenario === true) return { kind: 'list-scenarios' };
  if (scenario !== undefined) return { kind: 'play', scenario };
  if (stop) return { kind: 'stop' };
  if (service === undefined) return clear ? { kind: 'clear-all' } : { kind: 'list' };
  if (clear) return { kind: save ? 'clear-saved' : 'clear', service };
  if (Object.keys(said).length === 0) return { kind: 'show', service };
  const values = valuesOf(options);
  if (save) return { kind: 'save', service, values };
  return { kind: 'set', service, values, ...(duration !== undefined && { duration }) };
}

function refuseContradictions(service: string | undefined, said: ShapeOptions): void {
  for (const [option, beside] of soloists) {
    if (said[option] === undefined) continue;
    const other = Object.keys(said).find((key) => key !== option && !beside.some((one) => one === key));
    if (other !== undefined) throw contradiction(`\`${flagOf(option)}\` goes without \`${flagOf(other)}\``);
    if (service !== undefined && option !== 'clear') {
      throw contradiction(`\`${flagOf(option)}\` goes without a service`, 'A scenario names its services itself.');
    }
  }
  for (const [option, owners] of companions) {
    if (said[option] === undefined || owners.some((owner) => said[owner] !== undefined)) continue;
    const [owner = ''] = owners;
    const which = owners.length === 1 ? `\`${flagOf(owner)}\`` : `what it is about, such as \`${flagOf(owner)}\``;
    throw contradiction(`\`${flagOf(option)}\` goes with ${which}`);
  }
  if (said.save && said.for !== undefined) {
    throw contradiction('`--for` goes without `--save`', 'What is in the mesh file stays there.');
  }
  if (said.bandwidth !== undefined && said.down !== undefined) {
    throw contradiction('`--bandwidth` and `--down` are the same', 'Say one of them; `--up` is the other way.');
  }
  const [first] = Object.keys(said);
  const needsService = !(said.scenario ?? said.stop ?? (said.clear && !said.save));
  if (service === undefined && first !== undefined && needsService) {
    throw contradiction(`\`${flagOf(first)}\` needs a service`, 'Name it first: `mesh shape orders --delay 200ms`.');
  }
}

function valuesOf(options: ShapeOptions): ShapeValues {
  const { rate, burst, limit, bandwidth, up, down = bandwidth } = options;
  const faults = faultsOf(options);
  return {
    ...(rate !== undefined && { rateLimit: burst === undefined ? rate : { rate, burst: number(burst) } }),
    ...(limit !== undefined && { concurrency: number(limit) }),
    ...((up ?? down) !== undefined && { bandwidth: given({ up, down }) }),
    ...(faults.length > 0 && { faults }),
  };
}

/** One for each option that is a fault; whom they meet is said of all of them. */
function faultsOf(options: ShapeOptions): object[] {
  const { jitter, distribution, mock, body, percentage } = options;
  const { delay, abort, reset, throttle, slowClose, truncate, corrupt, blackhole } = options;
  const effects = [
    delay !== undefined && { delay, ...given({ jitter, distribution }) },
    abort !== undefined && { abort: number(abort) },
    reset !== undefined && { reset },
    throttle !== undefined && { throttle },
    slowClose !== undefined && { slowClose },
    truncate !== undefined && { truncate },
    corrupt !== undefined && { corrupt },
    blackhole && { blackhole },
    mock !== undefined && { mock: { status: number(mock), ...given({ body }) } },
  ];
  const whom = given({ percentage, match: options.match && matchOf(options.match) });
  return effects.flatMap((effect) => (effect ? [{ ...effect, ...whom }] : []));
}

function matchOf(words: readonly string[]): object {
  const match = new Map<string, string>();
  const headers = new Map<string, string>();
  for (const word of words) {
    const [, key, header, value] = /^(?:(path|method|caller|version|instance)|header:([^=]+))=(.*)$/s.exec(word) ?? [];
    const name = header ?? key;
    if (name === undefined || value === undefined) {
      throw contradiction(`\`--match ${word}\` is nothing of a request`, matchForms);
    }
    const place = header === undefined ? match : headers;
    if (place.has(name)) throw contradiction(`\`--match\` names ${name} twice`, 'All that is given must match.');
    place.set(name, value);
  }
  return { ...Object.fromEntries(match), ...(headers.size > 0 && { headers: Object.fromEntries(headers) }) };
}

const matchForms = 'Write path=/x, method=GET, header:NAME=value, caller=web, version=v2 or instance=orders-1.';

/** Digits are a number in the mesh file, and words are words. */
function number(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function given(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function contradiction(message: string, hint = '`mesh shape --help` shows what goes together.'): MeshError {
  return new MeshError('usage', message, { hint });
}
