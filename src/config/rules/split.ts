import { formatPercentage } from '../../foundation/units.js';
import type { Finding, Path } from '../finding.js';
import type { ServiceFile } from '../schema/mesh-file.js';

/** Shares must make a whole. */
export function checkSplit(name: string, { split }: ServiceFile, isBroken: (path: Path) => boolean): Finding[] {
  const path = ['services', name, 'split'];
  if (split === undefined || isBroken(path)) return [];
  const portions = Object.values(split.versions);
  const percentages = portions.filter(({ unit }) => unit === 'percent');
  // Nothing is the same in both.
  const weights = portions.filter(({ unit, amount }) => unit === 'weight' && amount > 0);
  const sum = portions.reduce((total, { amount }) => total + amount, 0);
  const mistake = (message: string, hint: string): Finding[] => [
    { code: 'contradiction', message, hint, path, at: 'key' },
  ];
  if (sum === 0) return mistake('no version gets anything of this split', 'give one of them a share above 0');
  if (percentages.length === 0) return [];
  if (weights.length > 0) {
    return mistake('percentages and weights cannot stand in one split', 'write all of them with `%`, or none');
  }
  const whole = formatPercentage(sum / 100);
  if (whole === '100%') return [];
  return mistake(
    `the percentages of this split sum to ${whole}, not to 100%`,
    'without `%` they are weights, of any sum',
  );
}
