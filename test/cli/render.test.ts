import { expect, test } from 'vitest';
import { renderBanner } from '../../src/cli/render/banner.js';
import { childOutput } from '../../src/cli/render/child-output.js';
import { errorToJson, renderError } from '../../src/cli/render/error.js';
import { renderEvent } from '../../src/cli/render/event.js';
import { renderService } from '../../src/cli/render/inspect.js';
import { budget, latency, rate, success } from '../../src/cli/render/numbers.js';
import { createPaint } from '../../src/cli/render/paint.js';
import { Prefixes } from '../../src/cli/render/prefix.js';
import { renderRoute } from '../../src/cli/render/routes.js';
import { renderServices } from '../../src/cli/render/services.js';
import { serviceState } from '../../src/cli/render/state.js';
import { MeshError, toMeshError } from '../../src/foundation/errors.js';
import {
  instanceView,
  processView,
  routeView,
  servicesView,
  serviceView,
  trafficView,
  workerView,
} from '../support/views.js';

const plain = createPaint(0);
const colored = createPaint(1);

test('ls: one line per service, and no lines drawn around them', () => {
  const degraded = serviceView({
    name: 'orders',
    instances: [instanceView(), instanceView({ id: 'orders-2', health: 'unhealthy' })],
    metrics: { requestsPerSecond: 250.4, errorRate: 0.0004, p50: 0.42, p95: 12, p99: 1_250, inFlight: 17 },
  });
  const quiet = serviceView({
    name: 'billing',
    ready: false,
    instances: [],
    processes: [],
    metrics: { requestsPerSecond: 0, errorRate: 0, p50: null, p95: null, p99: null, inFlight: 0 },
  });

  expect(
    `\n${renderServices(servicesView([serviceView({ name: 'web' }), degraded, quiet, workerView()]), plain, 200)}\n`,
  ).toMatchInlineSnapshot(`
    "
    SERVICE   STATE         URL                             UP   RPS  SUCCESS      P50    P95      P99  IN FLIGHT
    web       ready         http://web.localhost:8080      1/1  12.3     100%   3.1 ms   8 ms  21.5 ms          2
    orders    degraded      http://orders.localhost:8080   1/2   250    99.9%  0.42 ms  12 ms   1.25 s         17
    billing   no instances  http://billing.localhost:8080  0/0     0        –        –      –        –          0
    shoppers  running       worker
    "
  `);
});

test('ls: where a service has an objective, what is left of its budget; and alerts that fire are a badge', () => {
  const slo = { availability: 0.999, window: 3_600_000, remaining: 0.9876, burnRate: 0.4 };
  const view = servicesView([
    serviceView({ name: 'web', slo }),
    serviceView({ slo: { ...slo, remaining: -48.5 }, firing: ['orders are failing'] }),
    serviceView({ name: 'billing', slo: { ...slo, remaining: 0.2 }, firing: ['a', 'b'] }),
    serviceView({ name: 'docs' }),
  ]);

  expect(`\n${renderServices(view, plain, 200)}\n`).toMatchInlineSnapshot(`
    "
    SERVICE  STATE            URL                             UP   RPS  SUCCESS     P50   P95      P99  IN FLIGHT  BUDGET
    web      ready            http://web.localhost:8080      1/1  12.3     100%  3.1 ms  8 ms  21.5 ms          2   98.7%
    orders   ready, alert     http://orders.localhost:8080   1/1  12.3     100%  3.1 ms  8 ms  21.5 ms          2  -4850%
    billing  ready, 2 alerts  http://billing.localhost:8080  1/1  12.3     100%  3.1 ms  8 ms  21.5 ms          2     20%
    docs     ready            http://docs.localhost:8080     1/1  12.3     100%  3.1 ms  8 ms  21.5 ms          2
    "
  `);
  expect(renderServices(view, colored, 200)).toContain(colored.red('-4850%'));
  expect(renderServices(view, colored, 200)).toContain(colored.yellow('20%'));
  expect(renderServices(view, colored, 200)).toContain(`${colored.green('ready')}, ${colored.red('2 alerts')}`);
  expect(renderServices(servicesView([serviceView()]), plain, 200)).not.toContain('BUDGET');
});

test.each([
  [1, '100%'],
  [0.99999, '99.9%'],
  [0.5, '50%'],
  [0.001, '0.1%'],
  [0, '0%'],
  [-0.00001, '-0.1%'],
  [-99, '-9900%'],
])('a budget of which %d is left is %s', (remaining, text) => {
  expect(budget(remaining)).toBe(text);
});

test('inspect: the objective, how it fares, and the alerts that fire', () => {
  const slo = { availability: 0.9995, window: 5_400_000, remaining: 0.875, burnRate: 0.44 };
  const lines = renderService(serviceView({ slo, firing: ['slow', 'bad \x1b[2J'] }), 0, plain).split('\n');

  expect(lines.slice(0, 4)).toEqual([
    'orders  ready, 2 alerts',
    '  url      http://orders.localhost:8080',
    '  alerts   slow, bad \\x1b[2J',
    '  slo      99.95% over 1h30m · error budget left 87.5% · burning at 0.44×',
  ]);
});

test('ls: a mesh without services says how to get one', () => {
  expect(renderServices(servicesView([]), plain, 200)).toMatchInlineSnapshot(`
    "shop has no services yet.
    Add one to the mesh file, or register a program that runs already:
      mesh register orders 127.0.0.1:4001"
  `);
});

test('a narrow terminal gets fewer columns, the ones that matter most', () => {
  const view = servicesView([serviceView()]);
  const lines = renderServices(view, plain, 80).split('\n');
  expect(lines[0]).toMatch(/^SERVICE +STATE +URL +UP +RPS +SUCCESS +P95 +P99$/);
  expect(renderServices(view, plain, 20).split('\n')[0]).toMatch(/^SERVICE +STATE +URL +UP$/);
});

test('inspect: everything that is known of a service, with reasons and last words', () => {
  const service = serviceView({
    listen: 'http://127.0.0.1:5001',
    ready: false,
    routes: [routeView({ host: 'shop.localhost' }), routeView({ method: 'GET', path: '/api', rewrite: '/' })],
    instances: [
      instanceView({ version: 'v1', metadata: { zone: 'b', owner: 'ann' } }),
      instanceView({
        id: 'by-hand',
        address: '127.0.0.1:4002',
        source: 'registered',
        health: 'unhealthy',
        healthReason: 'GET /healthz: 503',
        weight: 3,
        lease: { ttl: 30_000, remaining: 12_400 },
      }),
    ],
    processes: [
      processView(),
      processView({
        replica: 'orders-2',
        state: 'backing-off',
        detail: 'ended with code 1; starts again in 2s',
        pid: null,
        port: null,
        restarts: 6,
        crashLooping: true,
        lastOutput: ['connecting to the database', 'Error: no database here'],
      }),
    ],
  });

  expect(`\n${renderService(service, 0, plain)}\n`).toMatchInlineSnapshot(`
    "
    orders  crash looping
      url      http://orders.localhost:8080
      listen   http://127.0.0.1:5001
      routes   shop.localhost
               GET /api → /
      policy   round-robin

    12.3 requests/s · success 100% · p50 3.1 ms · p95 8 ms · p99 21.5 ms · 2 in flight

    INSTANCE  ADDRESS         SOURCE      HEALTH     WEIGHT  SERVED  VERSION  LEASE       METADATA
    orders-1  127.0.0.1:4001  process     healthy         1       0  v1       –           zone=b owner=ann
    by-hand   127.0.0.1:4002  registered  unhealthy       3       0  –        12s of 30s
      by-hand  unhealthy: GET /healthz: 503

    PROCESS   STATE                                                   PID  PORT  RESTARTS
    orders-1  ready                                                  4242  4001         0
    orders-2  crash looping (ended with code 1; starts again in 2s)     –     –         6

    The last output of orders-2:
      | connecting to the database
      | Error: no database here
    "
  `);
});

test('the banner: where everything is, and what is not ready', () => {
  const facts = {
    version: '0.1.0',
    mesh: 'shop',
    took: 412.3,
    waiting: [],
    gateway: 'http://127.0.0.1:8083',
    admin: 'http://127.0.0.1:8081',
    services: [serviceView({ name: 'web' }), serviceView({ listen: 'http://127.0.0.1:5001' }), workerView()],
    notices: ['port 8080 is taken by nginx (412): using 8083'],
    closing: 'press h + enter to show help',
  };

  expect(renderBanner(facts, plain)).toMatchInlineSnapshot(`
    "
      MESH v0.1.0  shop ready in 412 ms

      ➜  Gateway:  http://127.0.0.1:8083
      ➜  Admin:    http://127.0.0.1:8081
      ➜  web       http://web.localhost:8080     ● ready  1/1
      ➜  orders    http://orders.localhost:8080  ● ready  1/1  and http://127.0.0.1:5001
      ➜  shoppers  worker                        ● running
      !  port 8080 is taken by nginx (412): using 8083
      ➜  press h + enter to show help
    "
  `);
  expect(renderBanner({ ...facts, took: 60_012, waiting: ['orders'] }, plain)).toContain(
    'shop is up, not ready after 1m: orders',
  );
});

test('inspect: how requests are dealt out, who is out and until when, and what the mirror answered', () => {
  const answer = { status: 200, contentType: 'text/plain', bytes: 4, hash: 'aaaa', duration: 3 };
  const service = serviceView({
    processes: [],
    instances: [
      instanceView({
        id: 'bad',
        health: 'ejected',
        healthReason: '5 answers of 5xx in a row',
        ejection: { until: 25_000, reason: '5 answers of 5xx in a row' },
        version: 'v1',
        served: 10,
      }),
      instanceView({
        id: 'good',
        served: 30,
        version: 'v2',
        circuit: { state: 'open', until: 3_000, because: '3 failures in a row' },
      }),
    ],
    traffic: trafficView({
      loadBalancer: 'ring-hash on header x-user',
      panicking: true,
      split: { shares: { v1: 0.9, v3: 0.1 }, by: 'cookie user', isOverride: true },
      circuit: { state: 'half-open', underWay: 1, succeeded: 0 },
      connections: { used: 2, limit: 2, waiting: 5 },
      mirror: {
        target: 'version v2',
        compared: 12,
        different: 1,
        differences: { status: 1, contentType: 0, body: 1 },
        failed: 2,
        lastFailure: 'no',
        skipped: 3,
        meanDuration: { primary: 10, mirrored: 20 },
        samples: [
          {
            method: 'GET',
            target: '/x',
            differs: ['status', 'body'],
            primary: answer,
            mirrored: { ...answer, status: 500, contentType: '', bytes: 0, hash: 'bbbb' },
          },
        ],
      },
    }),
  });

  expect(`\n${renderService(service, 0, plain)}\n`).toMatchInlineSnapshot(`
    "
    orders  panicking
      url      http://orders.localhost:8080
      policy   ring-hash on header x-user
      panic    too few instances are healthy: all of them get requests
      split    v1 90 % · v3 10 % (no instance) by cookie user (at run time)
      circuit  half-open (probes: 1 under way, 0 succeeded)
      pool     2 of 2 connections in use, 5 waiting for one
      mirror   to version v2 · 12 compared, 1 different (1 status, 0 type, 1 body) · 2 failed (last: no) · 3 not copied · mean 10 ms and 20 ms

    12.3 requests/s · success 100% · p50 3.1 ms · p95 8 ms · p99 21.5 ms · 2 in flight

    INSTANCE  ADDRESS         SOURCE   HEALTH   WEIGHT     SERVED  VERSION  LEASE  METADATA
    bad       127.0.0.1:4001  process  ejected       1  10 (25 %)  v1       –
    good      127.0.0.1:4001  process  healthy       1  30 (75 %)  v2       –
      bad  ejected: 5 answers of 5xx in a row; back in 25s
      good  circuit open (3 failures in a row; tried again in 3s)

    The mirror answered otherwise:
      GET /x: status, body: 200 text/plain 4 B aaaa | 500 no type 0 B bbbb
    "
  `);
});

test('a service of which every circuit is open is not called ready', () => {
  const open = instanceView({ circuit: { state: 'open', until: 1, because: 'a failure' } });
  const state = (instances: readonly (typeof open)[]) => serviceState(serviceView({ instances: [...instances] })).words;

  expect(state([open, open])).toBe('circuit open');
  expect(state([open, instanceView()])).not.toBe('circuit open');
});

test('what came from outside cannot steer the terminal, wherever it is drawn', () => {
  const evil = 'x\u001b]0;owned\u0007\u001b[2J\u202e\r';
  const evilPairs = { [evil]: evil };
  const evilRoute = {
    host: evil,
    path: evil,
    method: evil,
    headers: evilPairs,
    cookies: evilPairs,
    query: evilPairs,
    rewrite: evil,
    version: evil,
    priority: null,
  };
  const answer = { status: 200, contentType: evil, bytes: 1, hash: evil, duration: 1 };
  const traffic = trafficView({
    loadBalancer: evil,
    split: { shares: { [evil]: 1 }, by: evil, isOverride: true },
    circuit: { state: 'open', until: 1, because: evil },
    mirror: {
      target: evil,
      compared: 1,
      different: 1,
      differences: { status: 0, contentType: 0, body: 1 },
      failed: 1,
      lastFailure: evil,
      skipped: 0,
      meanDuration: { primary: 1, mirrored: 1 },
      samples: [{ method: evil, target: evil, differs: ['body'], primary: answer, mirrored: answer }],
    },
  });
  const service = serviceView({
    name: evil,
    routes: [evilRoute],
    traffic,
    url: `http://${evil}`,
    instances: [
      instanceView({ id: evil, address: evil, healthReason: evil, version: evil, metadata: { [evil]: evil } }),
    ],
    processes: [processView({ replica: evil, state: 'failed', detail: evil, lastOutput: [evil] })],
  });
  const drawn = [
    renderServices({ ...servicesView([service]), mesh: evil }, plain, 200),
    renderServices({ ...servicesView([]), mesh: evil }, plain, 200),
    renderService(service, 0, plain),
    renderEvent({ type: 'warning', tone: 'busy', at: 0, service: evil, instance: evil, message: evil }, plain),
    new Prefixes(plain, [evil], []).of(evil, evil),
    childOutput(evil, true),
    renderBanner(
      {
        version: '',
        mesh: evil,
        took: 1,
        waiting: [evil],
        gateway: evil,
        admin: evil,
        services: [service],
        notices: [evil],
        closing: '',
      },
      plain,
    ),
  ];

  for (const control of ['\u001b', '\u0007', '\r', '\u202e']) {
    for (const text of drawn) expect(text).not.toContain(control);
  }
  expect(drawn[0]).toContain('x\\x1b]0;owned\\x07');
});

test.each([
  ['colours stay where colours are shown', '\u001b[31mred\u001b[0m', true, '\u001b[31mred\u001b[0m'],
  ['a colour that is left on ends with the line', '\u001b[1;31mred', true, '\u001b[1;31mred\u001b[0m'],
  ['colours vanish where none are shown', '\u001b[1;31mred\u001b[m!', false, 'red!'],
  ['moving the cursor is shown, not obeyed', '\u001b[2Aup', true, '\\x1b[2Aup'],
  ['a title is shown, not set', '\u001b]0;title\u0007', true, '\\x1b]0;title\\x07'],
  ['a tab stays', 'a\tb', true, 'a\tb'],
])('output of a service: %s', (_title, text, keepColors, shown) => {
  expect(childOutput(text, keepColors)).toBe(shown);
});

test('prefixes are aligned, and the replicas of a service share a colour', () => {
  const prefixes = new Prefixes(colored, ['web', 'orders'], ['web-1', 'orders-1']);

  expect(new Prefixes(plain, ['web', 'orders'], ['web-1', 'orders-1']).of('web', 'web-1')).toBe('web-1    | ');
  expect(prefixes.of('web', 'web-1')).toBe('\u001b[36mweb-1    |\u001b[39m ');
  expect(prefixes.of('web', 'web-2')).toBe('\u001b[36mweb-2    |\u001b[39m ');
  expect(prefixes.of('orders', 'orders-1')).toBe('\u001b[35morders-1 |\u001b[39m ');
  expect(prefixes.of('late', 'late-comer-1')).toMatch(/late-comer-1 \|/);
  expect(prefixes.of('web', 'web-1')).toContain('web-1        |');
});

test.each([
  [latency(0.417), '0.42 ms'],
  [latency(12.34), '12.3 ms'],
  [latency(412.3), '412 ms'],
  [latency(1_250), '1.25 s'],
  [latency(null), '–'],
  [rate(0), '0'],
  [rate(0.4), '0.4'],
  [rate(1_234.5), '1235'],
  [success(0, 10), '100%'],
  [success(0.0001, 10), '99.9%'],
  [success(0.001, 10), '99.9%'],
  [success(1, 10), '0%'],
  [success(0, 0), '–'],
])('numbers for people: %s', (shown, wanted) => {
  expect(shown).toBe(wanted);
});

test.each([
  [{}, '/'],
  [{ host: 'shop.localhost' }, 'shop.localhost'],
  [
    { host: '*.shop.localhost', path: '/api', method: 'GET', headers: { 'x-canary': '1' }, rewrite: '/' },
    'GET *.shop.localhost/api → / (x-canary: 1)',
  ],
])('the route %j is told in a few words', (changes, told) => {
  expect(renderRoute(routeView(changes))).toBe(told);
});

test('an error says what failed and what to do; a bug brings its stack for the report', () => {
  const bug = new TypeError('x is not a function');
  bug.stack = 'TypeError: x is not a function\n    at first (one.js:1:2)\n    at second (two.js:3:4)';

  expect(renderError(new MeshError('no_mesh'), '/shop', plain)).toMatchInlineSnapshot(`
    "error: No mesh is running here.
      hint: Start one with \`mesh up\`, or name it with MESH_ADMIN_URL and MESH_TOKEN."
  `);
  expect(renderError(toMeshError(bug), '/shop', plain)).toMatchInlineSnapshot(`
    "error: x is not a function
      hint: This is a bug of mesh: please report it with the message.
        at first (one.js:1:2)
        at second (two.js:3:4)"
  `);
  expect(errorToJson(new MeshError('no_mesh', 'gone', { hint: 'mesh up' }))).toEqual({
    error: { code: 'no_mesh', message: 'gone', hint: 'mesh up' },
  });
});
