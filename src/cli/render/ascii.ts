import { asciiLikes } from '../unicode.js';
import { textWidth } from './width.js';

/** A line of a screen that shows nothing but ASCII: what has no like is a `?` for each of its columns, so that none of them moves. */
export function asciiOnly(line: string): string {
  return line.replace(beyond, (character) => asciiLikes.get(character) ?? '?'.repeat(textWidth(character)));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are ASCII, and stay.
const beyond = /[^\u0000-\u007f]/gu;
