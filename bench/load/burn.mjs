// Takes a share of a core, and does nothing with it. Argument: the share, from 0 to 1. Ends when it is told to.
import { performance } from 'node:perf_hooks';

/** Milliseconds: as often as a reader is told something. */
const period = 25;

const share = Number(process.argv[2]);
setInterval(() => {
  const end = performance.now() + period * share;
  while (performance.now() < end);
}, period);
