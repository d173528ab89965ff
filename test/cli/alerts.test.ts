import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EvidenceView } from '../../src/admin/alerts-wire.js';
import { renderAlertDetails } from '../../src/cli/render/alert-details.js';
import { renderAlerts } from '../../src/cli/render/alerts.js';
import { enterScreen, leaveScreen } from '../../src/cli/render/frame.js';
import { createPaint } from '../../src/cli/render/paint.js';
import { sparkline } from '../../src/cli/render/sparkline.js';
import { run } from '../../src/cli/run.js';
import type { FakeTerminalOptions } from '../support/terminal.js';
import { FakeTerminal } from '../support/terminal.js';
import {
  alertView,
  evidenceView,
  exchangeView,
  instanceView,
  scenarioView,
  servicesView,
  serviceView,
  trafficView,
} from '../support/views.js';
import { AdminStub } from './admin-stub.js';

const plain = createPaint(0);
const now = Date.UTC(2026, 0, 1);

let admin: AdminStub;

beforeEach(async () => {
  admin = await AdminStub.open(servicesView([serviceView()]));
});

afterEach(() => admin.close());

function terminalOf(options: FakeTerminalOptions = {}): FakeTerminal {
  const environment = { MESH_ADMIN_URL: admin.url, MESH_TOKEN: AdminStub.token, ...options.environment };
  return new FakeTerminal({ ...options, environment });
}

async function mesh(line: string, options?: FakeTerminalOptions) {
  const terminal = terminalOf(options);
  const exitCode = await run(line.split(' '), terminal);
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

function watched(...alerts: (typeof admin.alerts.alerts)[number][]) {
  admin.alerts = { ...admin.alerts, alerts };
}

test('alerts are listed, those that fire first, each with its value beside its condition', async () => {
  watched(
    alertView({ name: 'slow', state: 'inactive', since: null, metric: 'p99', value: 340.5, condition: 'p99 > 500ms' }),
    alertView({
      name: 'gone',
      state: 'pending',
      since: now - 5_000,
      metric: 'instances',
      value: null,
      for: 0,
      condition: 'instances < 1',
    }),
    alertView({ since: now - 125_000 }),
  );

  const { exitCode, stdout, stderr } = await mesh('alerts');

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'ALERT               SERVICE  STATE     SINCE     VALUE  CONDITION',
    'orders are failing  orders   firing    2m5s ago  12.5%  error_rate > 5% for 30s',
    'gone                orders   pending   5s ago        –  instances < 1',
    'slow                orders   inactive  –         341ms  p99 > 500ms for 30s',
    '',
  ]);
  expect(JSON.parse((await mesh('alerts --json')).stdout)).toEqual(admin.alerts);
});

test('the state is in colour on a terminal, and what does not fit is left out', async () => {
  watched(alertView({ name: 'x'.repeat(50) }));

  const { stdout } = await mesh('alerts', { isTerminal: true });

  expect(stdout).toContain('\u001b[31mfiring\u001b[39m');
  const lines = stripVTControlCharacters(stdout).trimEnd().split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(stdout).not.toContain('CONDITION');
});

test('where nothing is watched, it says which key to write', async () => {
  const { exitCode, stdout } = await mesh('alerts');

  expect(exitCode).toBe(0);
  expect(stdout).toContain('Write alerts under `alerts` in the mesh file');
});

test('a receiver that is not reached is told below', async () => {
  watched(alertView());
  admin.alerts.receivers = [
    { name: 'webhook http://127.0.0.1:9/', delivered: 0, lost: 2, waiting: 1, failure: 'it answered 500' },
    { name: 'command `notify`', delivered: 3, lost: 0, waiting: 0, failure: null },
  ];

  const { stdout } = await mesh('alerts');

  expect(stdout).toContain('\n! webhook http://127.0.0.1:9/: 2 lost, 1 to be sent: it answered 500\n');
  expect(stdout).not.toContain('notify');
});

const evidence: EvidenceView = evidenceView({
  alert: alertView({ value: 0.5 }),
  firedAt: now - 60_000,
  revision: { number: 3, since: now - 72_000 },
  failing: [
    exchangeView({
      id: 'first',
      status: 503,
      outcome: 'refused',
      code: 'circuit_open',
      caller: 'web',
      at: now - 61_000,
    }),
    exchangeView({ id: 'second', status: 503, outcome: 'refused', code: 'circuit_open', at: now - 62_000 }),
    exchangeView({ id: 'third', outcome: 'cut', at: now - 63_000, faults: ['truncate'] }),
  ],
  slowest: [exchangeView({ id: 'late', duration: 1_900 })],
  lines: [
    {
      service: 'orders',
      replica: 'orders-1',
      stream: 'stderr',
      text: 'database: connection refused',
      at: now - 61_000,
    },
  ],
  shapes: [
    { service: 'payments', shape: {}, words: ['abort 503'], by: 'ann (mesh shape)', since: now - 100_000, until: null },
  ],
  scenario: scenarioView('rush', { run: { since: 0, done: 1, state: 'running' } }),
  service: serviceView({
    traffic: trafficView({ circuit: { state: 'open', until: now - 55_000, because: '5 failures in a row' } }),
    instances: [
      instanceView(),
      instanceView({ id: 'orders-2', health: 'ejected', ejection: { until: now, reason: '5 5xx in a row' } }),
    ],
  }),
  series: {
    step: 5_000,
    rows: Array.from({ length: 60 }, (_, index) => ({
      at: index,
      requestsPerSecond: index,
      errorRate: index === 59 ? 0.5 : 0,
      p50: 1,
      p95: 2,
      p99: index < 30 ? null : 100,
    })),
  },
  file: '/shop/.mesh/alerts/2026-01-01T00-00-00-000Z-orders-are-failing-orders.json',
});

test('show tells what fired, when, and what was found: what failed, what was slow, what was printed, what was in force', () => {
  const view = {
    schemaVersion: 1 as const,
    alerts: [alertView({ since: now - 60_000, labels: { severity: 'page' } })],
    evidence,
  };

  const lines = renderAlertDetails(view, now, '/shop', plain, 80).split('\n');

  const time = (at: number) => new Date(at).toTimeString().slice(0, 8);
  expect(lines).toEqual([
    'orders are failing  error_rate > 5% for 30s',
    '  severity=page',
    '  orders  firing, 1m ago · 12.5% now',
    '',
    `Fired for orders at ${time(now - 60_000)}.000, 1m ago: error_rate 50%`,
    '  mesh file  revision 3, taken up 12s before',
    '  shaped     payments · abort 503 · by ann (mesh shape), 40s before',
    '  scenario   rush, 1 of 1 steps taken',
    '  circuit    open (5 failures in a row; tried again in 5s)',
    '  instance   orders-1 healthy',
    '  instance   orders-2 ejected (5 5xx in a row)',
    '  requests   ▂▂▂▂▃▃▃▃▄▄▄▄▄▅▅▅▅▆▆▆▆▇▇▇▇█████ 59/s at most',
    '  failed     ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█ 50% at most',
    '  p99                       ███████████████ 100 ms at most',
    '',
    'Failed of late, newest first: 503 circuit_open ×2, cut (fault)',
    '  TIME      STATUS     TOOK  REQUEST           ID',
    `  ${time(now - 61_000)}  503     45.5 ms  web → GET /x?y=1  first`,
    `  ${time(now - 62_000)}  503     45.5 ms  GET /x?y=1        second`,
    `  ${time(now - 63_000)}  cut     45.5 ms  GET /x?y=1        third`,
    '',
    'Slowest of late:',
    '  TIME      STATUS   TOOK  REQUEST     ID',
    `  ${time(0)}  200     1.9 s  GET /x?y=1  late`,
    '',
    '`mesh explain ID` tells the story of one.',
    '',
    'Printed in the minute before:',
    'orders-1 | database: connection refused',
    '',
    'Saved in .mesh/alerts/2026-01-01T00-00-00-000Z-orders-are-failing-orders.json',
  ]);
});

test('a long name leaves room for the state and the value, and is whole in a pipe', () => {
  const name = 'the orders of the customers of the north take longer than anybody would want to wait for them';
  const view = { ...admin.alerts, alerts: [alertView({ name, state: 'firing', since: now - 5_000 })] };

  const [head = '', row = ''] = renderAlerts(view, now, plain, 80).split('\n');

  expect(row.length).toBeLessThanOrEqual(80);
  expect(row).toContain('the orders of the customers of the nort…  orders   firing  5s ago');
  expect(head).toContain('VALUE');
  expect(renderAlerts(view, now, plain, Infinity)).toContain(`${name}  orders   firing  5s ago`);
});

test('a table of exchanges fits a terminal of 80 columns, with ids of 32 characters and long paths', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  const failing = [exchangeView({ id, caller: 'web', target: `/${'x'.repeat(500)}`, status: 503, duration: 123_456 })];
  const view = { schemaVersion: 1 as const, alerts: [alertView()], evidence: evidenceView({ failing }) };

  const lines = renderAlertDetails(view, now, '/shop', plain, 80).split('\n');

  const row = lines.find((line) => line.endsWith(id));
  expect(row).toMatch(/^ {2}\d\d:\d\d:\d\d {2}503 .* web → GET \/x+… {2}/);
  expect(row?.length).toBeLessThanOrEqual(80);
});

test('an alert that has not fired, or whose evidence is gone, says so', async () => {
  watched(alertView({ state: 'inactive', since: null }));
  expect((await mesh('alerts show orders are failing')).stdout).toContain('It has not fired since the mesh started.');

  watched(alertView());
  expect((await mesh('alerts show orders are failing')).stdout).toContain(
    'is not kept: there was too much of it. Some may be in .mesh/alerts',
  );
});

test('show --json is exactly what the admin API says', async () => {
  watched(alertView());
  admin.evidence = evidence;

  const { stdout } = await mesh('alerts show orders are failing --json');

  expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, alerts: [alertView()], evidence });
});

test('nothing from outside reaches the terminal as it is', () => {
  const evil = 'x\u001b]0;owned\u0007\u001b[2J\u202e\r';
  const exchange = exchangeView({ id: evil, caller: evil, method: evil, target: evil, code: evil, status: 503 });
  const alert = alertView({ name: evil, service: evil, condition: evil, labels: { [evil]: evil } });
  const view = {
    schemaVersion: 1 as const,
    alerts: [alert],
    evidence: evidenceView({
      alert,
      failing: [exchange],
      slowest: [exchange],
      lines: [{ service: evil, replica: evil, stream: 'stdout', text: evil, at: 0 }],
      shapes: [{ service: evil, shape: {}, words: [evil], by: evil, since: 0, until: null }],
      scenario: scenarioView(evil, { run: { since: 0, done: 0, state: 'running' } }),
      service: serviceView({ instances: [instanceView({ id: evil, health: 'unhealthy', healthReason: evil })] }),
      file: `/shop/${evil}`,
    }),
  };

  const text = renderAlertDetails(view, now, '/shop', plain, 80);

  for (const control of ['\u001b', '\u0007', '\u202e', '\r']) expect(text).not.toContain(control);
});

test.each([
  ['alerts shw orders', '`mesh alerts` knows `show`, not `shw`', 'Did you mean `mesh alerts show'],
  ['alerts show', 'Which alert?', '`mesh alerts` lists them'],
  ['alerts --service orders', '`--service` goes with `show`', 'mesh alerts show NAME'],
  ['alerts show x -w', '`--watch` goes without `show`', 'stays as it is'],
])('`mesh %s` is a usage error that says what to do', async (line, message, hint) => {
  const { exitCode, stderr } = await mesh(line);

  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
});

test('an alert that is not there is an error with the code of the table', async () => {
  const { exitCode, stderr } = await mesh('alerts show nothing');

  expect(exitCode).toBe(1);
  expect(stderr).toContain('The mesh file has no alert `nothing`');
  expect(stderr).toContain('`mesh alerts` lists them');
});

test('-w on a terminal draws on a screen of its own, until q', async () => {
  watched(alertView());
  const terminal = terminalOf({ isTerminal: true });
  const ended = run(['alerts', '-w'], terminal);
  await terminal.whenPaused();
  expect(terminal.stdout.text.startsWith(enterScreen)).toBe(true);
  expect(stripVTControlCharacters(terminal.stdout.text)).toContain('orders are failing');

  terminal.press('q');

  expect(await ended).toBe(0);
  expect(terminal.stdout.text.endsWith(leaveScreen)).toBe(true);
});

test('-w off a terminal tells each change of a state in a line, and no other', async () => {
  watched(alertView({ state: 'pending', since: now }));
  const terminal = terminalOf();
  const ended = run(['alerts', '-w'], terminal);
  await terminal.whenPaused();
  const next = async () => {
    const paused = terminal.whenPaused();
    terminal.tick();
    await paused;
  };
  watched(alertView({ state: 'pending', since: now, value: 0.2 }));
  await next();
  watched(alertView({ since: now + 1_000 }));
  await next();

  terminal.signal('SIGINT');

  expect(await ended).toBe(130);
  expect(terminal.stdout.text.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/ {2}pending {2}orders are failing {2}orders {2}12\.5% \(error_rate > 5% for 30s\)$/),
    expect.stringMatching(/ {2}firing {2}orders are failing {2}orders {2}12\.5% /),
  ]);
});

test('a shell that completes it is given `show` and the names of the alerts', async () => {
  watched(alertView(), alertView({ service: 'web' }));
  const written = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    expect((await mesh('complete -- alerts sh')).exitCode).toBe(0);
    expect((await mesh('complete -- alerts show o')).exitCode).toBe(0);
    expect(written.mock.calls.flat()).toEqual([
      'show\twhat was found when one fired',
      ':4',
      'orders are failing\talert',
      ':4',
    ]);
  } finally {
    written.mockRestore();
  }
});

test.each([
  [[], ''],
  [[0, 0], '▁▁'],
  [[0, 1, 8], '▁▂█'],
  [[null, 5], ' █'],
])('%j is drawn as %j', (values, bars) => {
  expect(sparkline(values)).toBe(bars);
});
