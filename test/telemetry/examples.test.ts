import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ServiceMesh } from '../../src/mesh/service-mesh.js';
import { Folder, run, tool } from '../support/tools.js';

const examples = new URL('../../examples/', import.meta.url).pathname;
const testPromtool = test.skipIf(!tool('promtool'));

/** Everything that the dashboard asks Prometheus for, with Grafana's variables filled in. */
async function queries(): Promise<string[]> {
  const dashboard: { panels: Array<{ targets: Array<{ expr: string }> }> } = JSON.parse(
    await readFile(`${examples}grafana-dashboard.json`, 'utf8'),
  );
  return dashboard.panels
    .flatMap(({ targets }) => targets.map(({ expr }) => expr))
    .map((query) => query.replaceAll('$__rate_interval', '1m').replaceAll('$service', '.*'));
}

/** All that a mesh in which everything is configured says. */
async function metrics(): Promise<string> {
  await using mesh = new ServiceMesh({
    gateway: { port: 0 },
    admin: { port: 0 },
    registry: { store: 'memory' },
    services: {
      payments: { instances: ['127.0.0.1:9'] },
      orders: {
        instances: ['127.0.0.1:9'],
        retries: 1,
        circuitBreaker: {},
        mirror: { service: 'payments' },
        connectionPool: { maxConnections: 1 },
        rateLimit: '100/s',
        concurrency: 10,
        faults: [{ delay: '1ms' }],
        slo: '99%',
      },
      job: { command: `${process.execPath} -e "setInterval(() => {}, 1000)"`, expose: false },
    },
    alerts: [{ name: 'a "b" \\', when: 'queue > 1' }],
  });
  await mesh.start();
  expect((await mesh.ready(10_000)).ready).toBe(true);
  await fetch(mesh.gatewayUrl, { headers: { 'x-mesh-service': 'orders' } });
  const answer = await fetch(`${mesh.adminUrl}/metrics`);
  return answer.text();
}

test('the dashboard asks for nothing that a mesh does not say', async () => {
  const text = await metrics();
  const known = new Set(Array.from(text.matchAll(/^# TYPE (\w+) /gm), ([, name]) => name));

  const asked = (await queries()).flatMap((query) => query.match(/\b(?:mesh|process)_\w+(?=[{[])/g) ?? []);

  expect(asked.length).toBeGreaterThan(12);
  for (const name of asked) expect([...known], name).toContain(name.replace(/_bucket$/, ''));
}, 20_000);

testPromtool(
  'all that a mesh says is as Prometheus wants it',
  async () => {
    expect(await run('promtool', ['check', 'metrics'], await metrics())).toMatchObject({
      code: 0,
      text: '',
      stderr: '',
    });
  },
  20_000,
);

testPromtool('the configuration is one that Prometheus takes', async () => {
  expect(await run('promtool', ['check', 'config', `${examples}prometheus.yml`])).toMatchObject({ code: 0 });
  const { scrape_configs: jobs } = parse(await readFile(`${examples}prometheus.yml`, 'utf8'));
  expect(jobs).toHaveLength(2);
});

testPromtool('every query of the dashboard is one that Prometheus understands', async () => {
  await using folder = await Folder.make();
  const rules = (await queries()).map((expr, at) => ({ record: `panel:${at}`, expr }));
  await writeFile(folder.file('rules.yml'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));

  const checked = await run('promtool', ['check', 'rules', folder.file('rules.yml')]);

  expect(checked).toMatchObject({ code: 0 });
  expect(checked.text).toContain(`SUCCESS: ${rules.length} rules found`);
});
