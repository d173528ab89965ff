import type { Clock } from '../foundation/clock.js';
import { pause } from '../foundation/clock.js';
import type { Group } from './process-group.js';
import { isGroupAlive, signalGroup } from './process-group.js';

/** Milliseconds between looks: a stop that takes no time shall not seem to. */
const lookEvery = 20;
/** Milliseconds that the kernel gets to end what was killed; what is left then hangs in it, and no signal helps. */
const killPatience = 2_000;

/**
 * Ends a whole group: SIGTERM, and SIGKILL for whoever is left after `timeout` milliseconds. Resolves when nobody is
 * left, which is later than the end of the program itself: its children may take longer. Answers what it took.
 */
export async function stopTree(group: Group, timeout: number, clock: Clock): Promise<'ended' | 'killed'> {
  const hold = setInterval(() => {}, killPatience); // the clock's timers keep no process alive, and this work must be done
  try {
    signalGroup(group, 'SIGTERM');
    if (await isGone(group, timeout, clock)) return 'ended';
    signalGroup(group, 'SIGKILL');
    await isGone(group, killPatience, clock);
    return 'killed';
  } finally {
    clearInterval(hold);
  }
}

async function isGone(group: Group, timeout: number, clock: Clock): Promise<boolean> {
  const deadline = clock.monotonic() + timeout;
  while (isGroupAlive(group)) {
    const left = deadline - clock.monotonic();
    if (left <= 0) return false;
    await pause(clock, Math.min(lookEvery, left));
  }
  return true;
}
