import type { FaultEffect } from '../../config/shaping-configs.js';
import type { Random } from '../../foundation/random.js';

type Delay = Extract<FaultEffect, { kind: 'delay' }>;

/** Milliseconds that this one takes: never less than none. */
export function delayTime({ time, jitter, distribution }: Delay, random: Random): number {
  switch (distribution) {
    case 'uniform':
      return Math.max(0, time + (random() * 2 - 1) * jitter);
    case 'normal':
      return Math.max(0, time + normal(random) * jitter);
    case 'exponential':
      return time - Math.log(1 - random()) * jitter;
  }
}

/** Box and Muller: mean 0, standard deviation 1. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
