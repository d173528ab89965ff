import { z } from 'zod';
import { formatPercentage, parsePercentage, percentagePattern } from '../../foundation/units.js';
import { expect, hinted, scalar } from './values.js';

/** A share of 0 to 1 inside. */
export function percentage() {
  const error = expect('a percentage from 0% to 100%');
  const written = z
    .string({ error })
    .regex(clearPercentagePattern, { error })
    .transform((value) => parsePercentage(value) ?? 0);
  const number = z
    .number({ error })
    .min(1, { error })
    .max(100, { error })
    .transform((value) => parsePercentage(String(value)) ?? 0);
  const schema = z.union([written, z.literal(0, { error }), number], { error });
  return scalar(hinted(schema, error, missingSign), (value) => value);
}

/** Whoever writes 0.5 may mean a half as well as half a percent. It was read as the latter, and halves were lost. */
const unclearPercentagePattern = /^00?\.0*[1-9]\d*$/;

const clearPercentagePattern = new RegExp(
  `^(?!${unclearPercentagePattern.source.slice(1)})${percentagePattern.source.slice(1)}`,
);

function missingSign(text: string): string | undefined {
  if (!unclearPercentagePattern.test(text)) return undefined;
  const share = Number(text);
  return `write ${formatPercentage(share)} (or ${formatPercentage(share / 100)})`;
}

/** What one gets of a whole that is dealt out: percent of it, or a weight beside the others. */
export type Portion = { readonly unit: 'percent' | 'weight'; readonly amount: number };

export function portion() {
  const error = expect('a percentage such as `90%`, or a weight from 0 to 1000000');
  const written = z
    .string({ error })
    .regex(portionPattern, { error })
    .transform((value): Portion => ({ unit: value.endsWith('%') ? 'percent' : 'weight', amount: parseFloat(value) }));
  const weight = z
    .number({ error })
    .min(0, { error })
    .max(heaviestPortion, { error })
    .transform((amount): Portion => ({ unit: 'weight', amount }));
  return scalar(z.union([written, weight], { error }), (value) => value);
}

/** As in Gateway API. */
const heaviestPortion = 1_000_000;
/** A percentage, or a weight up to that. */
const portionPattern = /^(?:(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%|1000000|\d{1,6}(?:\.\d+)?)$/;
