import { readdir, readFile, readlink } from 'node:fs/promises';

/** The program that listens on a port, as `pid 4711 (node server.js)`; undefined where it cannot be learned cheaply (other systems than Linux, another user's program). */
export async function holderOf(port: number): Promise<string | undefined> {
  const inodes = new Set([
    ...(await listeningInodes('/proc/net/tcp', port)),
    ...(await listeningInodes('/proc/net/tcp6', port)),
  ]);
  if (inodes.size === 0) return undefined;
  for (const pid of await entries('/proc')) {
    if (!/^\d+$/.test(pid) || !(await holdsAny(pid, inodes))) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return `pid ${pid} (${command.split('\0').join(' ').trim()})`;
  }
  return undefined;
}

/** Lines of proc(5) net/tcp: `sl local_address rem_address st … uid timeout inode`, hexadecimal, state 0A is LISTEN. */
async function listeningInodes(file: string, port: number): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((column) => column[1]?.endsWith(suffix) && column[3] === '0A')
    .flatMap((column) => column[9] ?? []);
}

async function holdsAny(pid: string, inodes: Set<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await entries(folder)).map((descriptor) => readlink(`${folder}/${descriptor}`).catch(() => '')),
  );
  return links.some((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ''));
}

/** Processes come and go while one looks, and those of others are closed: what cannot be read is empty. */
function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
