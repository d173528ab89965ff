import type { Terminal } from './terminal.js';

/** Characters: with what follows it, within those that the mesh takes. */
const longestLogin = 60;

/** Who says it, for those who wonder: as the shell knows whoever is logged in, on Unix and on Windows. */
export function signatureOf({ environment }: Pick<Terminal, 'environment'>, command: string): string {
  const login = environment.USER || environment.LOGNAME || environment.USERNAME;
  return login ? `${Array.from(login).slice(0, longestLogin).join('')} (${command})` : command;
}
