import { readFileSync } from 'node:fs';

/** The fields of `/proc/<pid>/stat` behind the name, which may hold anything: state, parent, group, session, terminal, the terminal's foreground group, …; undefined when it has ended, and on other systems than Linux */
export function readStat(pid: number | string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
