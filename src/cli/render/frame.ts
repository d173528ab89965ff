/** A picture of the whole screen, one text per row. */
export type Frame = readonly string[];

export const clearScreen = '\u001b[2J';
export const enterScreen = `\u001b[?1049h\u001b[?25l${clearScreen}`;
export const leaveScreen = '\u001b[?25h\u001b[?1049l';

/** What must be written to turn one picture into the next: the rows that changed, and no flicker for the rest. */
export function frameDifference(previous: Frame, next: Frame): string {
  let text = '';
  for (const [index, row] of next.entries()) {
    if (row !== previous[index]) text += `\u001b[${index + 1};1H${row}\u001b[K`;
  }
  return next.length < previous.length ? `${text}\u001b[${next.length + 1};1H\u001b[J` : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour sequence takes no room on the screen.
const pieces = /\u001b\[[0-9;]*m|./gsu;

/** The beginning of a line that fits into so many columns, with its colours closed. */
export function clip(line: string, columns: number): string {
  let shown = '';
  let width = 0;
  let colored = false;
  for (const [piece] of line.matchAll(pieces)) {
    const isColor = piece.startsWith('\u001b');
    if (!isColor && ++width > columns) return colored ? `${shown}\u001b[0m` : shown;
    colored ||= isColor;
    shown += piece;
  }
  return shown;
}
