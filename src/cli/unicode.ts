type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The one rule whether a terminal shows more than ASCII: the locale says UTF-8 (LC_ALL > LC_CTYPE > LANG, as POSIX has it),
 * and it is not the Linux console, whose font lacks the blocks of sparklines. Windows has no locale in its environment; its
 * terminals are known by theirs.
 */
export function showsUnicode({ TERM, LC_ALL, LC_CTYPE, LANG, WT_SESSION, TERM_PROGRAM }: Environment): boolean {
  if (TERM === 'linux') return false;
  const locale = LC_ALL || LC_CTYPE || LANG;
  if (locale) return /utf-?8/i.test(locale);
  return (WT_SESSION || TERM_PROGRAM) !== undefined;
}

/** The same text in ASCII as far as it is drawn by us: each sign becomes its like. Names and output of others stay as they are. */
export function withPlainSigns(text: string): string {
  return text.replace(beyond, (character) => asciiLikes.get(character) ?? character);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are ASCII, and stay.
const beyond = /[^\u0000-\u007f]/gu;

/** Each takes the one column that its sign took. */
export const asciiLikes: ReadonlyMap<string, string> = new Map([
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
  ['−', '-'],
  ['─', '-'],
  ['…', '~'],
  ['×', 'x'],
  ['±', '~'],
  ['✓', '+'],
  ['●', '*'],
  ['➜', '>'],
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
