/**
 * Text from outside, made safe for a terminal: escape sequences, other controls, C1 and bidirectional overrides are
 * shown, never obeyed (CVE-2021-25743: a log line that rewrites the screen).
 */
export function printable(text: string): string {
  return text.replace(unsafe, (run) => Array.from(run, shown).join(''));
}

/** By the run and from a table: a program that prints nothing but NULs would have the event loop (184 ms for each megabyte). */
function shown(character: string): string {
  const known = shownAs.get(character);
  if (known !== undefined) return known;
  const code = character.charCodeAt(0);
  const text = code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  shownAs.set(character, text);
  return text;
}

const shownAs = new Map<string, string>();

// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it looks for; a tab is harmless and stays.
const unsafe = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** For a message, which is one line of a terminal, whatever it tells of. */
export function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The candidate nearest to what was typed, when it is near enough to be meant: a slip or two, or its beginning (`env`). */
export function nearest(typed: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(typed.length / 3)) + 1;
  let beginning: string | undefined;
  for (const candidate of candidates) {
    const longer = Math.max(typed.length, candidate.length);
    // As many edits as there are letters is another word. So is one of another length, and a long text costs nothing here.
    const limit = Math.min(bestDistance, longer);
    if (typed.length >= 3 && startsWith(candidate, typed)) beginning ??= candidate;
    if (Math.abs(typed.length - candidate.length) >= limit) continue;
    const distance = editDistance(typed.toLowerCase(), candidate.toLowerCase());
    if (distance < limit) [best, bestDistance] = [candidate, distance];
  }
  return best ?? beginning;
}

function startsWith(text: string, beginning: string): boolean {
  return text.toLowerCase().startsWith(beginning.toLowerCase());
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (Damerau, restricted). */
function editDistance(left: string, right: string): number {
  const rows = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= left.length; row++) {
    const above = rows[row - 1] ?? [];
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1] ? 0 : 1;
      let cost = Math.min((above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (above[column - 1] ?? 0) + same);
      if (left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, (rows[row - 2]?.[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    rows.push(current);
  }
  return rows[left.length]?.[right.length] ?? 0;
}
