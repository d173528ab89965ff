/** A column that knows how wide it is. */
export interface Wish<Column> {
  readonly column: Column;
  readonly width: number;
  /** The lower, the sooner it gets room; 0 is there in any case. */
  readonly rank: number;
}

export interface Fit<Column> {
  readonly columns: ReadonlySet<Column>;
  /** Characters of the badges; 0 without room or badges. */
  readonly badges: number;
  /** How many sparklines there are, and the characters of each. */
  readonly sparklines: { readonly count: number; readonly width: number };
}

/** Blanks between two columns: those of drawTable. */
const gap = 2;

/** Characters, and seconds where there is room for one each. */
export const longestSparkline = 120;

/** Characters: below the least, it tells nothing. */
const sparkline = { least: 8, most: longestSparkline, count: 2 };

/** The part of the width that badges may have before sparklines get any: what is out of the ordinary comes first. */
const badgesShare = 1 / 4;

/** Columns of at most this rank come before badges and sparklines. */
const essential = 3;

/** What may be of any width. */
export interface Stretchable {
  /** Characters of the longest badges. */
  readonly badges: number;
  /** There is something to draw in them. */
  readonly hasSparklines: boolean;
}

/** Deals out a width: the essentials, some of the badges, short sparklines, all other columns; the rest to what can use it. */
export function fitColumns<Column>(
  wishes: ReadonlyArray<Wish<Column>>,
  { badges, hasSparklines }: Stretchable,
  width: number,
): Fit<Column> {
  const columns = new Set<Column>();
  let left = width;
  const take = (wanted: number, isForced = false) => {
    if (wanted > left && !isForced) return false;
    left -= wanted + gap;
    return true;
  };
  const takeColumns = (ranked: ReadonlyArray<Wish<Column>>) => {
    for (const wish of ranked.toSorted((one, other) => one.rank - other.rank)) {
      if (take(wish.width, wish.rank === 0)) columns.add(wish.column);
    }
  };
  takeColumns(wishes.filter(({ rank }) => rank <= essential));
  const first = Math.max(0, Math.min(badges, Math.floor(width * badgesShare), left));
  if (first > 0) take(first);
  let count = 0;
  while (hasSparklines && count < sparkline.count && take(sparkline.least)) count++;
  takeColumns(wishes.filter(({ rank }) => rank > essential));
  const more = first === 0 ? 0 : Math.max(0, Math.min(badges - first, left));
  const each = count === 0 ? 0 : Math.floor(Math.max(0, left - more) / count);
  return {
    columns,
    badges: first + more,
    sparklines: { count, width: Math.min(sparkline.most, sparkline.least + each) },
  };
}
