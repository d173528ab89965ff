/** 0 none, 1 the sixteen basic colours, 2 256, 3 16 million: chalk's levels. */
export type ColorLevel = 0 | 1 | 2 | 3;

export interface ColorQuestion {
  /** `--color` or `--no-color`, when one was given. */
  readonly flag: boolean | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  /** Bits of colour that the terminal can show. */
  readonly colorDepth: () => number;
}

/**
 * The one rule: flag > FORCE_COLOR > NO_COLOR (when not empty) > TERM=dumb > is it a terminal. Asked once for stdout and
 * once for stderr, and handed to chalk: chalk and cli-table3 know nothing of NO_COLOR (chalk 5.6, cli-table3 0.6).
 */
export function colorLevel({ flag, environment, isTerminal, colorDepth }: ColorQuestion): ColorLevel {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = environment;
  if (flag !== undefined) return flag ? atLeastBasic(colorDepth()) : 0;
  if (force !== undefined) return forcedLevels.get(force) ?? 1;
  if ((no !== undefined && no !== '') || term === 'dumb' || !isTerminal) return 0;
  return levelOf(colorDepth());
}

const forcedLevels: ReadonlyMap<string, ColorLevel> = new Map([
  ['0', 0],
  ['false', 0],
  ['1', 1],
  ['2', 2],
  ['3', 3],
]);

function atLeastBasic(depth: number): ColorLevel {
  const level = levelOf(depth);
  return level === 0 ? 1 : level;
}

function levelOf(depth: number): ColorLevel {
  if (depth >= 24) return 3;
  if (depth >= 8) return 2;
  return depth >= 4 ? 1 : 0;
}
