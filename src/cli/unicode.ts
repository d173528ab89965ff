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
