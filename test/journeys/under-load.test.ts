import { expect, test, vi } from 'vitest';
import { startLoad } from '../support/load.js';
import { answering, get, Journey } from '../support/mesh-cli.js';

const file = (extra = '') => `
gateway: { port: 0 }
admin: { port: 0 }
services:
  orders:
    command: ${JSON.stringify(answering('orders', 5))}
    replicas: 2
    restart: never
${extra}`;

test('a reload under load loses no request', async () => {
  await using journey = await Journey.begin(file());
  const up = await journey.up();
  const load = startLoad(up.gatewayPort, 'orders', 8);

  for (let round = 0; round < 5; round++) {
    const answered = load.answered;
    await journey.write('mesh.yaml', file(`    routes: [{ path: /round-${round} }]\n`));
    await vi.waitFor(async () => expect((await get(up.gatewayPort, 'x', `/round-${round}`)).status).toBe(200), {
      timeout: 10_000,
    });
    await vi.waitFor(() => expect(load.answered).toBeGreaterThan(answered + 50), { timeout: 10_000 });
  }

  expect(await load.stop()).toEqual([]);
});

test('a reload that starts the only process of a service anew loses no request', async () => {
  const one = (extra: string) => file(extra).replace('replicas: 2', 'replicas: 1');
  await using journey = await Journey.begin(one(''));
  const up = await journey.up();
  const before = (await get(up.gatewayPort, 'orders')).body;
  const load = startLoad(up.gatewayPort, 'orders', 8);
  await vi.waitFor(() => expect(load.answered).toBeGreaterThan(50), { timeout: 10_000 });

  await journey.write('mesh.yaml', one('    environment: { LOG_LEVEL: debug }\n'));
  await up.says(/reloaded: ~orders \(environment\)/);
  await vi.waitFor(async () => expect((await get(up.gatewayPort, 'orders')).body).not.toBe(before), {
    timeout: 10_000,
  });

  expect(await load.stop()).toEqual([]);
});

test.each(['GET', 'POST'])(
  'killing one of two instances under a load of %s loses at most the requests that it had in hand',
  async (method) => {
    await using journey = await Journey.begin(file());
    const up = await journey.up();
    const connections = 8;
    const load = startLoad(up.gatewayPort, 'orders', connections, method);
    await vi.waitFor(() => expect(load.answered).toBeGreaterThan(100), { timeout: 10_000 });
    const victim = Number((await get(up.gatewayPort, 'orders')).body.split(' ')[1]);

    process.kill(victim, 'SIGKILL');
    await up.says(/orders-\d .*SIGKILL/);
    const answered = load.answered;
    await vi.waitFor(() => expect(load.answered).toBeGreaterThan(answered + 200), { timeout: 10_000 });

    const failures = await load.stop();
    expect(failures.length).toBeLessThanOrEqual(connections);
    // An answer that had begun is cut; one that had not is a 502. Never is it that the instance could not be connected to.
    for (const failure of failures)
      expect(String(failure)).toMatch(/^502 upstream_reset$|aborted|ECONNRESET|socket hang up/);
  },
);
