import { textWidth } from './width.js';

/** A line for a terminal that shows nothing but ASCII: signs become their likes, and each takes the columns it took. */
export function asciiOnly(line: string): string {
  return line.replace(beyond, (character) => likes.get(character) ?? '?'.repeat(textWidth(character)));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are ASCII, and stay.
const beyond = /[^\u0000-\u007f]/gu;

const likes: ReadonlyMap<string, string> = new Map([
  ['▁', '_'],
  ['▂', '.'],
  ['▃', '-'],
  ['▄', '='],
  ['▅', '+'],
  ['▆', '*'],
  ['▇', '#'],
  ['█', '@'],
  ['·', '|'],
  ['–', '-'],
  ['─', '-'],
  ['…', '~'],
  ['❯', '>'],
  ['▸', '+'],
  ['▾', '-'],
  ['├', '|'],
  ['└', '`'],
  ['▲', '^'],
  ['▼', 'v'],
  ['←', '<'],
  ['→', '>'],
  ['↑', '^'],
  ['↓', 'v'],
  ['│', '|'],
]);
