import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import type { FakeTerminalOptions } from '../support/terminal.js';
import { FakeTerminal } from '../support/terminal.js';
import { servicesView } from '../support/views.js';
import { AdminStub } from './admin-stub.js';
import { activeView, blackFriday, shapedView } from './shaping-views.js';

let admin: AdminStub;

beforeEach(async () => {
  admin = await AdminStub.open(servicesView([shapedView({}, { name: 'web' }), shapedView({})]));
});

afterEach(() => admin.close());

function terminalOf(options: FakeTerminalOptions = {}): FakeTerminal {
  const environment = { MESH_ADMIN_URL: admin.url, MESH_TOKEN: AdminStub.token, USER: 'ann', ...options.environment };
  return new FakeTerminal({ ...options, environment });
}

async function mesh(words: string | readonly string[], options?: FakeTerminalOptions) {
  const terminal = terminalOf(options);
  const exitCode = await run(typeof words === 'string' ? words.split(' ') : words, terminal);
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

/** What the mesh was asked to do to `orders`. */
function wished(): unknown {
  const [asked = ''] = admin.asked;
  return JSON.parse(asked.replace(/^shape orders /, ''));
}

test.each<[string, object]>([
  ['--delay 200ms', { faults: [{ delay: '200ms' }] }],
  [
    '--delay 200ms --jitter 50ms --distribution normal --percentage 10% --match path=/x --match header:X-A=b=c',
    {
      faults: [
        {
          delay: '200ms',
          jitter: '50ms',
          distribution: 'normal',
          percentage: '10%',
          match: { path: '/x', headers: { 'X-A': 'b=c' } },
        },
      ],
    },
  ],
  [
    '--abort 503 --delay 1s --percentage 5 --match caller=web --match version=v2 --match instance=a-1 --match method=GET',
    {
      faults: ['delay', 'abort'].map((key) => ({
        [key]: key === 'delay' ? '1s' : 503,
        percentage: '5',
        match: { caller: 'web', version: 'v2', instance: 'a-1', method: 'GET' },
      })),
    },
  ],
  ['--abort grpc:14', { faults: [{ abort: 'grpc:14' }] }],
  ['--reset before-head', { faults: [{ reset: 'before-head' }] }],
  [
    '--throttle 64KiB/s --slow-close 2s --truncate 1KiB --corrupt 1%',
    { faults: [{ throttle: '64KiB/s' }, { slowClose: '2s' }, { truncate: '1KiB' }, { corrupt: '1%' }] },
  ],
  ['--blackhole', { faults: [{ blackhole: true }] }],
  ['--mock 200 --body []', { faults: [{ mock: { status: 200, body: '[]' } }] }],
  ['--rate 100/s', { rateLimit: '100/s' }],
  ['--rate 100/s --burst 20', { rateLimit: { rate: '100/s', burst: 20 } }],
  ['--limit 50', { concurrency: 50 }],
  ['--limit adaptive', { concurrency: 'adaptive' }],
  ['--bandwidth 64KiB/s', { bandwidth: { down: '64KiB/s' } }],
  ['--up 1KiB/s --down 2KiB/s', { bandwidth: { up: '1KiB/s', down: '2KiB/s' } }],
])('shape orders %s says so in the words of the mesh file', async (line, values) => {
  expect(await mesh(`shape orders ${line}`)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(wished()).toEqual({ values, by: 'ann (mesh shape)' });
});

test('a shape is for a time, and by whoever is logged in', async () => {
  await mesh('shape orders --delay 1s --for 1m30s', { environment: { USER: undefined } });

  expect(wished()).toMatchObject({ duration: 90_000, by: 'mesh shape' });
});

test.each([
  ['--delay fast', '--delay: expected a duration such as `250ms`, `5s` or `1m30s` (or 0)'],
  ['--delay 5', '--delay: expected a duration such as `250ms`, `5s` or `1m30s` (or 0); did you mean `5s`?'],
  ['--abort 99', '--abort: expected a status from 200 to 599'],
  ['--reset now', '--reset: expected `before-head`, or a size such as `10KiB`'],
  ['--slow-close 0', '--slow-close: expected a duration'],
  ['--mock 204 --body x', '--body: an answer of status 204 has no body'],
  ['--mock ok', '--mock: expected a whole number from 200 to 599'],
  ['--rate 100', '--rate: expected a rate such as `100/s`, `30/m` or `0.5/s`; did you mean `100/s`?'],
  ['--rate 100/s --burst 0', '--burst: expected a whole number from 1'],
  ['--limit many', '--limit: expected '],
  ['--bandwidth 64', '--bandwidth: expected bytes per second'],
  ['--down 64', '--down: expected bytes per second'],
  ['--up 64', '--up: expected bytes per second'],
  ['--delay 1s --percentage 0.5', '--percentage: expected a percentage from 0% to 100%'],
  ['--delay 1s --match path=x', '--match path: expected '],
  ['--delay 1s --for long', '--for: expected a duration such as 30s'],
])('shape orders %s is refused by the mesh, and told by the option', async (line, message) => {
  const { exitCode, stdout, stderr } = await mesh(`shape orders ${line}`);

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr.startsWith(`error: ${message}`), stderr).toBe(true);
  expect(stderr).not.toContain('faults[');
});

test('what two faults have in common is told once, and what else is wrong beside it', async () => {
  const { stderr } = await mesh('shape orders --delay x --blackhole --percentage y --limit 0');

  expect(stderr.match(/--percentage:/g)).toHaveLength(1);
  expect(stderr).toMatch(/--limit: .*; --delay: .*; --percentage: /);
});

test('an unknown service is told as the mesh tells it', async () => {
  expect(await mesh('shape order --delay 1s')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('`orders`'),
  });
});

test.each([
  ['orders --jitter 1s', '`--jitter` goes with `--delay`'],
  ['orders --delay 1s --distribution normal', '`--distribution` goes with `--jitter`'],
  ['orders --body x --delay 1s', '`--body` goes with `--mock`'],
  ['orders --burst 2', '`--burst` goes with `--rate`'],
  ['orders --percentage 1% --rate 1/s', '`--percentage` goes with what it is about, such as `--delay`'],
  ['orders --match path=/x', '`--match` goes with what it is about'],
  ['orders --for 1s', '`--for` goes with what it is about'],
  ['orders --save', '`--save` goes with what it is about'],
  ['orders --delay 1s --for 1s --save', '`--for` goes without `--save`'],
  ['orders --bandwidth 1B/s --down 1B/s', '`--bandwidth` and `--down` are the same'],
  ['orders --clear --delay 1s', '`--clear` goes without `--delay`'],
  ['orders --stop', '`--stop` goes without a service'],
  ['orders --scenario x', '`--scenario` goes without a service'],
  ['--scenario x --clear', '`--scenario` goes without `--clear`'],
  ['--stop --delay 1s', '`--stop` goes without `--delay`'],
  ['--delay 1s', '`--delay` needs a service'],
  ['--clear --save', '`--clear` needs a service'],
  ['orders --delay 1s --match paht=/x', '`--match paht=/x` is nothing of a request'],
  ['orders --delay 1s --match path=/x --match path=/y', '`--match` names path twice'],
  ['orders --delay 1s --distribution even', "option '--distribution <how>' argument 'even' is invalid"],
])('shape %s is told before anything is asked', async (line, message) => {
  const { exitCode, stderr } = await mesh(`shape ${line}`);

  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringMatching(new RegExp(escaped(message), 'i')),
  });
  expect(admin.asked).toEqual([]);
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

test('shape lists what is active anywhere, or says that nothing is', async () => {
  expect((await mesh('shape')).stdout).toBe('Nothing is shaped at run time: the mesh file alone holds.\n');
  const now = terminalOf().now();
  const active = activeView({ since: now - 6_000, until: now + 24_000 });
  admin.view = servicesView([shapedView({}, { name: 'web' }), shapedView({ active })]);

  expect((await mesh('shape')).stdout).toMatch(
    /^SERVICE +SHAPE +BY +SINCE +ENDS\norders +delay 200ms for 10% +ann \(mesh shape\) +6s ago +in 24s\n$/,
  );
  expect(JSON.parse((await mesh('shape --json')).stdout)).toEqual({
    schemaVersion: 1,
    shapes: [{ service: 'orders', ...active }],
  });
});

test('shape of one service shows it, and changes nothing', async () => {
  expect((await mesh('shape orders')).stdout).toBe('orders is not shaped\n');
  expect(JSON.parse((await mesh('shape orders --json')).stdout)).toEqual({
    schemaVersion: 1,
    service: 'orders',
    shaping: admin.view.services[1]?.traffic.shaping,
  });
  expect(admin.asked).toEqual([]);
});

test('shape --clear clears one service, or every one for which something was said', async () => {
  admin.view = servicesView([
    shapedView({ active: activeView() }, { name: 'web' }),
    shapedView({}, { name: 'quiet' }),
    shapedView({ active: activeView() }),
  ]);
  await mesh('shape quiet --clear');
  await mesh('shape --clear');

  expect(admin.asked).toEqual(['shape quiet undefined', 'shape web undefined', 'shape orders undefined']);
});

test('shape --save writes the mesh file, and then the run-time shape gives way', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mesh-shape-'));
  try {
    admin.file = join(folder, 'mesh.yaml');
    await writeFile(admin.file, 'services:\n  # ours\n  orders: {}\n');
    const options = { directory: folder };

    expect((await mesh('shape orders --delay 1s --rate 5/s --save', options)).stdout).toBe(
      'orders  saved in mesh.yaml: rateLimit, faults\n',
    );
    expect(await readFile(admin.file, 'utf8')).toBe(
      'services:\n  # ours\n  orders: { rateLimit: 5/s, faults: [{ delay: 1s }] }\n',
    );
    expect(admin.asked).toEqual(['shape orders undefined']);
    expect((await mesh('shape orders --delay 1s --rate 5/s --save', options)).stdout).toBe(
      'orders  mesh.yaml says so already\n',
    );
    expect(await mesh('shape order --delay 1s --save', options)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Did you mean `orders`?'),
    });
    expect((await mesh('shape orders --delay 2s --save', options)).stdout).toBe(
      'orders  saved in mesh.yaml: faults, in place of what it said of faults\n',
    );
    expect((await mesh('shape orders --clear --save', options)).stdout).toBe(
      'orders  taken out of mesh.yaml: rateLimit, faults\n',
    );
    expect((await mesh('shape orders --clear --save', options)).stdout).toBe('orders  mesh.yaml says nothing of it\n');
    expect(await mesh('shape orders --delay fast --save', options)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^error: --delay: expected a duration/),
    });
    expect(await mesh('shape web --delay 1s --save', options)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('`web` does not stand under `services`'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('shape --save says that a mesh without a file has none', async () => {
  expect(await mesh('shape orders --delay 1s --save')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('has no mesh file'),
  });
  expect(admin.asked).toEqual([]);
});

const running = (done: number) => blackFriday({ since: terminalOf().now(), done, state: 'running' });

test('shape --scenario without a name lists them', async () => {
  expect((await mesh('shape --scenario')).stdout).toBe('The mesh file has no scenarios.\n');
  admin.scenarios = [running(1), blackFriday(null, { name: 'calm' })];

  expect((await mesh('shape --scenario')).stdout).toMatch(
    /^SCENARIO +STEPS +TAKES +STATE\nblack-friday +2 +10s +running, 1 of 2 steps\ncalm +2 +10s +–\n$/,
  );
  expect(JSON.parse((await mesh('shape --scenario --json')).stdout).scenarios).toEqual(admin.scenarios);
});

test('a scenario is shown as a plan, then step by step, until it has ended', async () => {
  admin.scenarios = [running(1)];
  const terminal = terminalOf();
  const ended = run(['shape', '--scenario', 'black-friday'], terminal);
  await terminal.whenPaused();
  admin.scenarios = [blackFriday({ since: terminal.now(), done: 2, state: 'ended' })];
  terminal.tick();

  expect(await ended).toBe(0);
  expect(admin.asked).toEqual(['start black-friday']);
  expect(terminal.pauses).toEqual([1_000]);
  expect(terminal.stdout.text).toBe(
    [
      'black-friday  2 steps in 10s',
      '   0s  orders: delay 200ms · orders: abort 503',
      '  10s  clear all',
      '✓ 0s  orders: delay 200ms · orders: abort 503',
      '✓ 10s  clear all',
      'the scenario black-friday has ended',
      '',
    ].join('\n'),
  );
  expect(terminal.listeners).toBe(0);
});

test('on a terminal a line below the steps moves on, and is wiped at the end', async () => {
  admin.scenarios = [running(1)];
  const terminal = terminalOf({ isTerminal: true, columns: 60, environment: { NO_COLOR: '1' } });
  const ended = run(['shape', '--scenario', 'black-friday'], terminal);
  await terminal.whenPaused();
  expect(terminal.stdout.text.split('\r').at(-1)).toBe(
    '\u001b[K✓ 0s  orders: delay 200ms · orders: abort 503\n0s of 10s · 1 of 2 steps · the next in 10s: clear all',
  );
  terminal.stdout.text = '';
  terminal.tick();
  await terminal.whenPaused();
  expect(terminal.stdout.text).toBe('\r\u001b[K1s of 10s · 1 of 2 steps · the next in 9s: clear all');

  terminal.stdout.text = '';
  admin.scenarios = [blackFriday({ since: Date.UTC(2026, 0, 1), done: 2, state: 'ended' })];
  terminal.tick();
  expect(await ended).toBe(0);
  expect(terminal.stdout.text).toBe('\r\u001b[K✓ 10s  clear all\nthe scenario black-friday has ended\n');
});

test('Ctrl-C stops a scenario and says so', async () => {
  admin.scenarios = [running(1)];
  const terminal = terminalOf();
  const ended = run(['shape', '--scenario', 'black-friday'], terminal);
  await terminal.whenPaused();
  terminal.signal('SIGINT');

  expect(await ended).toBe(130);
  expect(admin.asked).toEqual(['start black-friday', 'stop black-friday']);
  expect(terminal.stdout.text).toMatch(/\nthe scenario black-friday has been stopped: what it had set is cleared\n$/);
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('a scenario goes on when its command ends by %s', async (signal, exitCode) => {
  admin.scenarios = [running(1)];
  const terminal = terminalOf();
  const ended = run(['shape', '--scenario', 'black-friday'], terminal);
  await terminal.whenPaused();
  terminal.signal(signal);

  expect(await ended).toBe(exitCode);
  expect(admin.asked).toEqual(['start black-friday']);
  expect(terminal.stdout.text).toMatch(/goes on in the mesh: `mesh shape --stop` stops it\n$/);
});

test.each([
  [
    'is stopped by somebody else',
    [blackFriday({ since: Date.UTC(2026, 0, 1), done: 1, state: 'stopped' })],
    1,
    'has been stopped',
  ],
  ['leaves the mesh file', [], 1, 'is not to be seen any more'],
  ['is begun anew', [blackFriday({ since: 1, done: 1, state: 'running' })], 1, 'is not to be seen any more'],
])('a scenario that %s was not played to its end', async (_, scenarios, exitCode, message) => {
  admin.scenarios = [running(1)];
  const terminal = terminalOf();
  const ended = run(['shape', '--scenario', 'black-friday'], terminal);
  await terminal.whenPaused();
  admin.scenarios = scenarios;
  terminal.tick();

  expect(await ended).toBe(exitCode);
  expect(terminal.stdout.text).toContain(message);
});

test('shape --scenario --json is one document, at the end', async () => {
  admin.scenarios = [blackFriday({ since: 0, done: 2, state: 'ended' })];
  const { exitCode, stdout } = await mesh('shape --scenario black-friday --json', { isTerminal: true });

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, scenario: admin.scenarios[0] });
});

test('shape --stop stops the one that runs, if one does', async () => {
  expect((await mesh('shape --stop')).stdout).toBe('No scenario is running.\n');
  admin.scenarios = [blackFriday(null, { name: 'calm' }), running(1)];

  expect((await mesh('shape --stop')).stdout).toBe(
    'the scenario black-friday has been stopped: what it had set is cleared\n',
  );
  expect(admin.asked).toEqual(['stop black-friday']);
});

test.each([
  ['shape o', ['orders\tservice']],
  ['shape orders --distribution n', ['normal\t']],
  ['shape --scenario b', ['black-friday\tscenario']],
])('a shell that completes `%s` is given what there is', async (line, candidates) => {
  admin.scenarios = [running(1)];
  const written = vi.spyOn(console, 'log').mockImplementation(() => {}); // tab writes by itself
  try {
    expect((await mesh(`complete -- ${line}`)).exitCode).toBe(0);
    expect(written.mock.calls.flat().slice(0, -1)).toEqual(candidates);
  } finally {
    written.mockRestore();
  }
});
