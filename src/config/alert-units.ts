import {
  durationPattern,
  formatDuration,
  formatPercentage,
  parseDuration,
  parsePercentage,
  parseRate,
  partsOfWhole,
  ratePattern,
} from '../foundation/units.js';
import type { AlertMetric } from './alert-configs.js';

/** What a metric of an alert is measured in, and how a condition writes it. */
export interface AlertUnit {
  /** `a duration` */
  readonly name: string;
  readonly example: string;
  /** The grammar, as the source of a regular expression that is not anchored. */
  readonly pattern: string;
  /** Of a text of that grammar. */
  read(text: string): number;
  /** A text that is nearly right → what was most likely meant. */
  guess(text: string): string | undefined;
  /** For people, with as many digits as they can use. */
  inWords(value: number): string;
}

export function unitOf(metric: AlertMetric): AlertUnit {
  return units[metric];
}

/** The value of a metric for people: `12.3%`, `512ms`, `0.4/s`. */
export function metricInWords(metric: AlertMetric, value: number): string {
  return units[metric].inWords(value);
}

/** What the metric can be, at the least and at the most. */
export function rangeOf(metric: AlertMetric): { readonly least: number; readonly most: number } {
  if (metric === 'budget') return { least: -Infinity, most: 1 }; // it can be overspent
  if (units[metric] === duration) return { least: 0, most: longestMeasured };
  return { least: 0, most: units[metric] === share ? 1 : Infinity };
}

/** Milliseconds: the histograms tell longer ones not apart. */
const longestMeasured = 2 ** 26 / 1_000;

/** Percent, or of 1 as Prometheus has them. A bare 1 or 5 could be either, and is refused. */
const share: AlertUnit = {
  name: 'a percentage',
  example: '5%',
  pattern: String.raw`(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%|0(?:\.\d+)?`,
  read: (text) => (text.endsWith('%') ? (parsePercentage(text) ?? 0) : toParts(Number(text))),
  guess: (text) => {
    if (!bareNumber.test(text) || Number(text) > 100) return undefined;
    return Number(text) === 1 ? '`1%` or `100%`' : `\`${text}%\``;
  },
  inWords: (value) => formatPercentage(toDigits(value * 100) / 100),
};

const duration: AlertUnit = {
  name: 'a duration',
  example: '500ms',
  pattern: durationPattern.source.slice(1, -1),
  read: (text) => parseDuration(text) ?? 0,
  guess: (text) => (bareNumber.test(text) ? `\`${text}${Number(text) < mostLikelySeconds ? 's' : 'ms'}\`` : undefined),
  inWords: (value) => formatDuration(toDigits(value)),
};

const rate: AlertUnit = {
  name: 'a rate',
  example: '10/s',
  pattern: `0|${ratePattern.source.slice(1, -1)}`,
  read: (text) => parseRate(text) ?? 0,
  guess: (text) => (bareNumber.test(text) ? `\`${text}/s\`` : undefined),
  inWords: (value) => `${toDigits(value)}/s`,
};

const count: AlertUnit = {
  name: 'a whole number',
  example: '50',
  pattern: String.raw`\d{1,9}`,
  read: Number,
  guess: () => undefined,
  inWords: String,
};

const factor: AlertUnit = {
  name: 'a number',
  example: '14.4',
  pattern: String.raw`\d{1,9}(?:\.\d{1,6})?`,
  read: Number,
  guess: () => undefined,
  inWords: (value) => String(toDigits(value)),
};

const units: Readonly<Record<AlertMetric, AlertUnit>> = {
  error_rate: share,
  success_rate: share,
  requests: rate,
  errors: rate,
  retries: rate,
  p50: duration,
  p95: duration,
  p99: duration,
  in_flight: count,
  queue: count,
  healthy_instances: count,
  instances: count,
  burn_rate: factor,
  budget: share,
};

/** `a percentage`, for a text that is written as one, whatever it is compared with; undefined for a number alone. */
export function unitWrittenIn(text: string): AlertUnit | undefined {
  if (bareNumber.test(text)) return undefined;
  return [share, duration, rate].find(({ pattern }) => new RegExp(`^(?:${pattern})$`).test(text));
}

/** `a duration such as \`500ms\`` */
export function expectedOf({ name, example }: AlertUnit): string {
  return `${name} such as \`${example}\``;
}

const bareNumber = /^\d{1,9}(?:\.\d+)?$/;

/** From here on, whoever left out the unit most likely thought in milliseconds. */
const mostLikelySeconds = 100;

/** A share is a whole number of so many parts, as everywhere: so that `0.05` is the same as `5%`. */
function toParts(value: number): number {
  return Math.round(value * partsOfWhole) / partsOfWhole;
}

/** Three digits are enough to judge by; what is larger keeps all that stand before the point. */
function toDigits(value: number): number {
  const size = Math.abs(value);
  const scale = size >= 100 ? 1 : size >= 10 ? 10 : 100;
  return Math.round(value * scale) / scale;
}
