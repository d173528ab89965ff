import stringWidth from 'string-width';

/** Only what is plain ASCII is as wide as it is long. */
const plain = /^[\u0020-\u007e]*$/;

/** Columns that a text takes on a terminal: none for colours and combining marks, two for CJK and emoji; as cli-table3 has it. */
export function textWidth(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour sequence takes no room on the screen.
const pieces = /\u001b\[[0-9;]*m|./gsu;

/** The beginning of a line that fits into so many columns, with its colours closed. */
export function clip(line: string, columns: number): string {
  if (textWidth(line) <= columns) return line;
  let shown = '';
  let width = 0;
  let colored = false;
  for (const [piece] of line.matchAll(pieces)) {
    const isColor = piece.startsWith('\u001b');
    width += isColor ? 0 : textWidth(piece);
    if (width > columns) return colored ? `${shown}\u001b[0m` : shown;
    colored ||= isColor;
    shown += piece;
  }
  return shown;
}

/** The same, and the last column says that something is missing. */
export function shorten(text: string, columns: number): string {
  return textWidth(text) <= columns ? text : columns <= 0 ? '' : `${clip(text, columns - 1)}…`;
}

/** The same, with what is missing in the middle: names of one family differ at their ends. */
export function shortenMiddle(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  const end = endOf(text, Math.floor((columns - 1) / 2));
  return columns <= 0 ? '' : `${clip(text, columns - 1 - textWidth(end))}…${end}`;
}

/** The end of a text without colours that fits into so many columns. */
export function endOf(text: string, columns: number): string {
  let end = '';
  for (const character of Array.from(text).reverse()) {
    if (textWidth(character + end) > columns) break;
    end = character + end;
  }
  return end;
}

/** Filled up with blanks. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}
