import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/foundation/random.js';
import { FreePorts, isFree } from '../../src/supervisor/free-port.js';

test('ports lie below those that the kernel gives to outgoing connections, and none is given twice', async () => {
  const ports = new FreePorts(seededRandom(1));

  const given = await Promise.all(Array.from({ length: 50 }, () => ports.take()));

  expect(new Set(given).size).toBe(50);
  expect(Math.min(...given)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...given)).toBeLessThan(27_000);
});

test('a port that was given back may be given again', async () => {
  const same = () => 0.5;
  const ports = new FreePorts(same);
  const first = await ports.take();
  expect(await ports.take()).toBe(first + 1);

  ports.giveBack(first);

  expect(await ports.take()).toBe(first);
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

test.each(hasIpv6 ? ['127.0.0.1', '::1', '::'] : ['127.0.0.1', '0.0.0.0'])(
  'a port on which somebody listens on %s is passed over',
  async (host) => {
    const same = () => 0.25;
    const first = await new FreePorts(same).take();
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(first, host, resolve));

    try {
      expect(await isFree(first)).toBe(false);
      expect(await new FreePorts(same).take()).toBe(first + 1);
    } finally {
      await new Promise((resolve) => stranger.close(resolve));
    }
  },
);
