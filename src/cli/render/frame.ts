import { textWidth } from './width.js';

/** A picture of the whole screen, one text per row. */
export type Frame = readonly string[];

/** A line that is longer than it should be is cut by the terminal, and breaks no other: who knows how wide it takes an emoji. */
const wrapping = { off: '\u001b[?7l', on: '\u001b[?7h' };

/** What is pasted is told from what is typed (DEC private mode 2004). */
const marksOfPaste = { on: '\u001b[?2004h', off: '\u001b[?2004l' };

export const clearScreen = '\u001b[2J';

/** Terminals that know synchronized output (DEC private mode 2026) show a picture when it is whole; others ignore it. */
export const beginUpdate = '\u001b[?2026h';
export const endUpdate = '\u001b[?2026l';

export const enterScreen = `\u001b[?1049h\u001b[?25l${wrapping.off}${marksOfPaste.on}${clearScreen}`;
export const leaveScreen = `${endUpdate}\u001b[0m${wrapping.on}${marksOfPaste.off}\u001b[?25h\u001b[?1049l`;

/**
 * What must be written to turn one picture into the next: the rows that changed, and no flicker for the rest. What is left
 * of an older row is erased behind the new one; behind one that reaches to the edge, that would be its own last character.
 */
export function frameDifference(previous: Frame, next: Frame, columns: number): string {
  let text = '';
  for (const [index, row] of next.entries()) {
    if (row === previous[index]) continue;
    text += `\u001b[${index + 1};1H${row}${textWidth(row) < columns ? '\u001b[K' : ''}`;
  }
  return next.length < previous.length ? `${text}\u001b[${next.length + 1};1H\u001b[J` : text;
}
