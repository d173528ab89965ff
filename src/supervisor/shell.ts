/**
 * What the shell is asked to run. A plain command is given the shell's own place by `exec`: one process less, the pid that
 * is shown is the program's, and its end by a signal is seen as that, not as the shell's code 137.
 */
export function shellScript(command: string): string {
  return isPlain(command) ? `exec ${command}` : command;
}

/** Words and quoted words, without anything that the shell acts upon, and not a word of the shell's own. */
function isPlain(command: string): boolean {
  const match = /^[ \t]*([A-Za-z0-9_./-]+)(?:[ \t]+(?:[\w./:@%,+=^-]|"[^"$`\\]*"|'[^']*')+)*\s*$/.exec(command);
  return match !== null && !shellWords.has(match[1] ?? '');
}

/** Built-ins and reserved words of a POSIX shell that are no programs (POSIX.1-2024, 2.15 and 2.4). */
const shellWords = new Set(
  'alias bg break case cd command continue do done elif else esac eval exec exit export fc fg fi for getopts hash if in jobs read readonly return set shift source then times trap type ulimit umask unalias unset until wait while'.split(
    ' ',
  ),
);
