import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EdgeView, GraphView } from '../../src/admin/graph-wire.js';
import { renderDot, renderGraph, renderMermaid } from '../../src/cli/render/graph.js';
import { createPaint } from '../../src/cli/render/paint.js';
import { run } from '../../src/cli/run.js';
import { viewGraph } from '../../src/mesh/graph-view.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import { Measure } from '../../src/telemetry/measure.js';
import { ManualClock } from '../support/manual-clock.js';
import { FakeTerminal } from '../support/terminal.js';
import { servicesView } from '../support/views.js';
import { Traffic } from '../telemetry/traffic.js';
import { AdminStub } from './admin-stub.js';

const plain = createPaint(0);
const wide = Number.POSITIVE_INFINITY;

function edgeView(caller: string | null, service: string, changes: Partial<EdgeView> = {}): EdgeView {
  return { caller, service, requestsPerSecond: 12.34, errorRate: 0.004, p50: 3.1, p95: 8, p99: 21.456, ...changes };
}

function graphView(changes: Partial<GraphView> = {}): GraphView {
  return { schemaVersion: 1, mesh: 'shop', seconds: 60, services: [], edges: [], ...changes };
}

const shop = graphView({
  services: ['web', 'orders', 'billing'],
  edges: [
    edgeView(null, 'web', { errorRate: 0 }),
    edgeView('web', 'orders'),
    edgeView('old', 'orders', { requestsPerSecond: 0.01, errorRate: 1, p50: null, p95: null, p99: null }),
  ],
});

test('a row for each edge, and one for each service without any', () => {
  expect(`\n${renderGraph(shop, plain, wide)}\n`).toMatchInlineSnapshot(`
    "
    CALLS           RPS  FAILED     P50      P99
    clients → web  12.3      0%  3.1 ms  21.5 ms
    web → orders   12.3    0.4%  3.1 ms  21.5 ms
    old → orders   0.01    100%       –        –
    billing
    "
  `);
});

test('in a narrow window an edge keeps its ends and its failures', () => {
  expect(renderGraph(shop, plain, 24).split('\n').slice(0, 3)).toEqual([
    'CALLS          FAILED',
    'clients → web      0%',
    'web → orders     0.4%',
  ]);
});

test.each([
  [0, '0%'],
  [0.000_001, '0.1%'],
  [0.05, '5%'],
  [0.9991, '100%'],
])('of %d failures it is told, rounded up, that %s failed', (errorRate, told) => {
  const view = graphView({ edges: [edgeView('web', 'orders', { errorRate })] });

  expect(renderGraph(view, plain, wide)).toMatch(new RegExp(`web → orders +12\\.3 +${told} `));
});

test('a mesh of nothing says so, and is a whole graph to other programs', () => {
  expect(renderGraph(graphView(), plain, wide)).toBe('shop has no services yet.');
  expect(renderMermaid(graphView())).toBe('flowchart LR');
  expect(renderDot(graphView())).toBe('digraph "shop" {\n  rankdir=LR;\n  node [shape=box];\n}');
});

test('as a flowchart of Mermaid', () => {
  expect(`\n${renderMermaid(shop)}\n`).toMatchInlineSnapshot(`
    "
    flowchart LR
      n0(["clients"])
      n1["web"]
      n2["orders"]
      n3["billing"]
      n4["old"]
      n0 -->|"12.3/s · 0% failed · p50 3.1 ms · p99 21.5 ms"| n1
      n1 -->|"12.3/s · 0.4% failed · p50 3.1 ms · p99 21.5 ms"| n2
      n4 -->|"0.01/s · 100% failed · p50 – · p99 –"| n2
    "
  `);
});

test('as a graph of Graphviz', () => {
  expect(`\n${renderDot(shop)}\n`).toMatchInlineSnapshot(`
    "
    digraph "shop" {
      rankdir=LR;
      node [shape=box];
      "(clients)" [label="clients", shape=ellipse];
      "web";
      "orders";
      "billing";
      "old";
      "(clients)" -> "web" [label="12.3/s · 0% failed · p50 3.1 ms · p99 21.5 ms"];
      "web" -> "orders" [label="12.3/s · 0.4% failed · p50 3.1 ms · p99 21.5 ms"];
      "old" -> "orders" [label="0.01/s · 100% failed · p50 – · p99 –"];
    }
    "
  `);
});

test('a service that is called `clients` is not taken for those that nobody knows', () => {
  const view = graphView({
    services: ['clients', 'end'],
    edges: [edgeView(null, 'clients'), edgeView('clients', 'end')],
  });

  expect(renderMermaid(view)).toMatch(/^ {2}n0 -->.*n1\n {2}n1 -->.*n2$/m);
  expect(renderDot(view)).toMatch(/"\(clients\)" -> "clients".*\n {2}"clients" -> "end"/);
});

test('no name can end its quotes, nor reach the terminal as it is', () => {
  const evil = 'x"];\n\u001b[2J\\<b>#quot;';
  const view = graphView({ mesh: evil, services: [evil], edges: [edgeView(evil, evil)] });

  expect(renderMermaid(view).split('\n')[1]).toBe('  n0["x#34;];#92;x0a#92;x1b[2J#92;#60;b#62;#35;quot;"]');
  expect(renderDot(view).split('\n')[0]).toBe(String.raw`digraph "x\"];\\x0a\\x1b[2J\\<b>#quot;" {`);
  for (const text of [renderGraph(view, plain, wide), renderMermaid(view), renderDot(view)]) {
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('];\n\\');
  }
});

let admin: AdminStub;

beforeEach(async () => {
  admin = await AdminStub.open(servicesView([]));
  admin.graph = shop;
});

afterEach(() => admin.close());

async function mesh(line: string) {
  const terminal = new FakeTerminal({ environment: { MESH_ADMIN_URL: admin.url, MESH_TOKEN: AdminStub.token } });
  const exitCode = await run(line.split(' '), terminal);
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

test.each([
  ['graph', `${renderGraph(shop, plain, wide)}\n`],
  ['graph --mermaid', `${renderMermaid(shop)}\n`],
  ['graph --dot', `${renderDot(shop)}\n`],
])('mesh %s prints the graph that the mesh tells, and nothing else', async (line, stdout) => {
  expect(await mesh(line)).toEqual({ exitCode: 0, stdout, stderr: '' });
});

test('graph --json is exactly what the admin API says', async () => {
  expect(JSON.parse((await mesh('graph --json')).stdout)).toEqual(shop);
});

test.each(['--mermaid --dot', '--mermaid --json', '--dot --json'])('graph %s is two forms at once', async (options) => {
  expect(await mesh(`graph ${options}`)).toMatchObject({ exitCode: 2, stdout: '' });
});

/** A mesh of these services, on a clock that only the test moves. */
function meshOf(...services: string[]) {
  const clock = new ManualClock();
  const registry = new Registry(clock, memoryStore);
  for (const name of services) registry.declare(name);
  const measure = new Measure(clock);
  return { clock, traffic: new Traffic(measure, clock), view: () => viewGraph('shop', registry, measure) };
}

test('an edge is a pair with traffic, and its numbers are those of the pair alone', async () => {
  const { clock, traffic, view } = meshOf('web', 'orders', 'billing');
  view();
  clock.advance(60_000);
  for (let count = 0; count < 60; count++) await traffic.send({ service: 'orders', caller: 'web', age: 10 });
  for (let count = 0; count < 20; count++) {
    await traffic.send({ service: 'orders', outcome: { kind: 'answered', status: 500 } });
  }
  await traffic.send({ service: 'web' });

  const { services, edges } = view();

  expect(services).toEqual(['web', 'orders', 'billing']);
  expect(edges).toMatchObject([
    { caller: null, service: 'web' },
    { caller: null, service: 'orders', errorRate: 1 },
    { caller: 'web', service: 'orders', requestsPerSecond: 1, errorRate: 0 },
  ]);
  expect(edges[2]?.p50).toBeCloseTo(10, 0);
});

test('an edge is forgotten when its traffic is more than a minute ago', async () => {
  const { clock, traffic, view } = meshOf('web', 'orders');
  await traffic.send({ service: 'orders', caller: 'web' });

  clock.advance(60_000);
  expect(view().edges).toHaveLength(1);
  clock.advance(20_000);
  expect(view()).toMatchObject({ services: ['web', 'orders'], edges: [] });
});

test('edges come by their callers: unknown ones, the services in their order, those that have gone', async () => {
  const { traffic, view } = meshOf('web', 'orders', 'billing');
  for (const [caller, service] of [
    ['gone', 'web'],
    ['orders', 'billing'],
    ['web', 'billing'],
    ['web', 'orders'],
  ] as const) {
    await traffic.send({ service, caller });
  }
  await traffic.send({ service: 'billing' });

  expect(view().edges.map(({ caller, service }) => `${caller} ${service}`)).toEqual([
    'null billing',
    'web orders',
    'web billing',
    'orders billing',
    'gone web',
  ]);
});
