import { readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { answering, get, Journey } from '../support/mesh-cli.js';
import { Program, tool } from '../support/tools.js';

const isThere = tool('prometheus');
if (!isThere)
  process.stderr.write('SKIPPED: no `prometheus` on this machine scrapes a mesh (apt-get install prometheus)\n');

/** Calls orders once for each request, and answers as that did; what Prometheus asks it itself is no traffic of the shop. */
const web = `const h=require('http');h.createServer((q,r)=>q.url==='/metrics'?r.end():h.get(process.env.ORDERS_URL,(a)=>{r.statusCode=a.statusCode;a.pipe(r)})).listen(process.env.PORT,'127.0.0.1')`;

const file = `
gateway: { port: 0 }
admin: { port: 0 }
services:
  orders:
    command: ${JSON.stringify(answering('orders'))}
    replicas: 2
  web:
    command: ${JSON.stringify(`${process.execPath} -e "${web}"`)}
    dependsOn: [orders]
    routes: [{ host: shop.localhost }]
`;

/** Prometheus with the configuration of the examples, on a mesh that listens elsewhere. */
async function startPrometheus(journey: Journey, adminPort: string) {
  const example = await readFile(new URL('../../examples/prometheus.yml', import.meta.url), 'utf8');
  const configuration = example.replaceAll('8081', adminPort).replaceAll(/interval: 5s/g, 'interval: 1s');
  await journey.write('prometheus.yml', configuration);
  const [program, [, port]] = await Program.start(
    'prometheus',
    [
      `--config.file=${journey.directory}/prometheus.yml`,
      `--storage.tsdb.path=${journey.directory}/prometheus`,
      '--web.listen-address=127.0.0.1:0',
    ],
    /msg="Listening on" address=127\.0\.0\.1:(\d+)/,
  );
  const ask = async (path: string) => {
    const answer: { data: Answer } = JSON.parse(await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).text());
    return answer.data;
  };
  return {
    /** The values of a query, by the label of that name. */
    async values(query: string, label = 'service'): Promise<Record<string, number>> {
      const { result = [] } = await ask(`query?query=${encodeURIComponent(query)}`);
      return Object.fromEntries(result.map(({ metric, value }) => [metric[label] ?? '', Number(value[1])]));
    },
    targets: async () => (await ask('targets')).activeTargets ?? [],
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

interface Answer {
  readonly result?: ReadonlyArray<{ readonly metric: Record<string, string>; readonly value: [number, string] }>;
  readonly activeTargets?: ReadonlyArray<{ readonly scrapePool: string; readonly labels: Record<string, string> }>;
}

test.skipIf(!isThere)(
  'a real Prometheus scrapes a mesh, and what it has seen is the traffic that was sent',
  async () => {
    await using journey = await Journey.begin(file);
    const up = await journey.up();
    const [, adminPort = ''] = await up.says(/Admin:\s+http:\/\/\S*?:(\d+)/);
    for (let count = 0; count < 20; count++) expect((await get(up.gatewayPort, 'shop')).status).toBe(200);
    for (let count = 0; count < 5; count++) expect((await get(up.gatewayPort, 'orders')).status).toBe(200);
    for (let count = 0; count < 3; count++) expect((await get(up.gatewayPort, 'nobody')).status).toBe(404);
    await journey.run('shape', 'orders', '--abort', '418');
    for (let count = 0; count < 7; count++) expect((await get(up.gatewayPort, 'orders')).status).toBe(418);

    await using prometheus = await startPrometheus(journey, adminPort);
    const seen = (query: string, label?: string) => prometheus.values(query, label);
    const sum = 'sum by (service) ';

    await vi.waitFor(
      async () => expect(await seen(`${sum}(mesh_requests_total)`)).toEqual({ orders: 32, web: 20, '': 3 }),
      { timeout: 20_000, interval: 200 },
    );
    expect(await seen('sum by (source) (mesh_requests_total{service="orders"})', 'source')).toEqual({
      web: 20,
      anonymous: 12,
    });
    expect(await seen('sum by (route) (mesh_requests_total{service="web"})', 'route')).toEqual({
      'shop.localhost/': 20,
    });
    expect(await seen('sum by (reason) (mesh_requests_total)', 'reason')).toEqual({ '': 45, fault: 7, no_route: 3 });
    expect(await seen(`${sum}(mesh_request_duration_seconds_count)`)).toMatchObject({ orders: 32, web: 20 });
    expect(await seen('mesh_upstream_duration_seconds_count{service="orders"}', 'instance')).toSatisfy(
      (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0) === 32,
    );
    expect(await seen('mesh_faults_injected_total')).toEqual({ orders: 7 });
    expect(await seen('mesh_inflight_requests{source="web"}')).toEqual({ orders: 0 });
    expect(await seen(`${sum}(mesh_instance_up)`)).toEqual({ orders: 2, web: 1 });
    expect(await seen('mesh_process_resident_memory_bytes > 1e7', 'replica')).toSatisfy(
      (programs: object) => Object.keys(programs).sort().join() === 'orders-1,orders-2,web-1',
    );
    expect(await seen('mesh_process_cpu_seconds_total', 'replica')).toMatchObject({ 'web-1': expect.any(Number) });

    const found = (await prometheus.targets()).filter(({ scrapePool }) => scrapePool === 'services');
    expect(found.map(({ labels }) => labels.instance).sort()).toEqual([
      'orders/orders-1',
      'orders/orders-2',
      'web/web-1',
    ]);
  },
  60_000,
);
