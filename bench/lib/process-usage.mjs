import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Linux shows processor time in these, whatever its own clock. */
const ticksPerSecond = 100;

/** Seconds of processor time and bytes of memory of a process, its threads and its workers, as the kernel counts them. */
export function usageOf(pid) {
  const usage = { cpu: 0, rss: 0, peak: 0 };
  for (const each of processTree(pid)) {
    const [utime, stime] = statOf(each)?.slice(11, 13) ?? [0, 0];
    usage.cpu += (Number(utime) + Number(stime)) / ticksPerSecond;
    usage.rss += memoryOf(each, 'VmRSS');
    usage.peak += memoryOf(each, 'VmHWM');
  }
  return usage;
}

/** The process and all that descend from it. */
export function processTree(root) {
  const childrenOf = new Map();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? statOf(name)?.[1] : undefined;
    if (parent !== undefined) childrenOf.set(Number(parent), [...(childrenOf.get(Number(parent)) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

/** Sockets that the process has open, listening ones included. */
export function openSockets(pid) {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`).startsWith('socket:');
    } catch {
      return false; // closed since
    }
  }).length;
}

/** The fields of `/proc/<pid>/stat` behind the name, which may hold anything; undefined when the process has ended. */
function statOf(pid) {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function memoryOf(pid, field) {
  const [, kilobytes = 0] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return Number(kilobytes) * 1024;
}

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
