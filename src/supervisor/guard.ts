import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { platform } from 'node:process';
import type { Group } from './process-group.js';

/**
 * Ends what is left when the mesh is killed and can do nothing any more: a shell that reads the mesh's groups from a pipe,
 * `+group` and `-group`. When the mesh ends, however it ends, the pipe does too; after a clean stop no group is left by then.
 * It leads a session of its own and is deaf to the signals of a terminal. Windows has no such shell: there, only the next
 * start could clean up.
 */
export class Guard {
  readonly #groups = new Set<Group>();
  #shell: ChildProcess | undefined;

  add(group: Group): void {
    this.#groups.add(group);
    if (this.#shell === undefined) this.#open();
    else this.#tell(`+${group}`);
  }

  remove(group: Group): void {
    this.#groups.delete(group);
    this.#tell(`-${group}`);
  }

  /** Lets the shell end, by itself and behind us. */
  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #open(): void {
    if (platform === 'win32') return;
    const shell = spawn('/bin/sh', ['-c', script, 'mesh-guard'], {
      cwd: '/', // it holds no folder
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#shell = shell;
    shell.on('error', () => {}); // no shell, no guard: then no service could be started either
    shell.stdin.on('error', () => {}); // somebody ended it; the next group opens a new one
    shell.once('exit', () => {
      if (this.#shell === shell) this.#shell = undefined;
    });
    shell.unref();
    if (shell.stdin instanceof Socket) shell.stdin.unref();
    for (const group of this.#groups) this.#tell(`+${group}`);
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}

/** POSIX, nothing more: it runs in dash, bash 3.2 and busybox. Two seconds between SIGTERM and SIGKILL, ended early when all have gone. */
const script = `
trap '' HUP INT QUIT TERM
groups=' '
while read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;; esac ;;
  esac
done
for group in $groups; do kill -s TERM -- "-$group"; done
for tick in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  left=
  for group in $groups; do kill -s 0 -- "-$group" && left="$left $group"; done
  if [ -z "$left" ]; then exit; fi
  sleep 0.1 || sleep 1
done
for group in $left; do kill -s KILL -- "-$group"; done
`;
