// Preloaded into the gateway: tells over IPC what its heap holds when all that can be freed is freed.
import { setTimeout as pause } from 'node:timers/promises';

process.on('message', async () => {
  for (let collections = 0; collections < 5; collections++) {
    globalThis.gc();
    await pause(50); // finalisers run, and free more
  }
  const { heapUsed, rss } = process.memoryUsage();
  process.send({ heapUsed, rss });
});
process.on('disconnect', () => process.exit());
