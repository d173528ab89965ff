import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import { MeshError } from '../../src/foundation/errors.js';
import type { OutputLine } from '../../src/supervisor/output.js';
import { startAdmin, token } from '../support/admin.js';
import type { FakeTerminalOptions } from '../support/terminal.js';
import { FakeTerminal } from '../support/terminal.js';
import { processView, servicesView, serviceView } from '../support/views.js';

let admin: Awaited<ReturnType<typeof startAdmin>>;

beforeEach(async () => {
  admin = await startAdmin();
  const orders = ['orders-1', 'orders-2'].map((replica) => processView({ replica }));
  admin.control.services = () => servicesView([serviceView({ name: 'web' }), serviceView({ processes: orders })]);
});

afterEach(() => admin[Symbol.asyncDispose]());

function print(replica: string, text: string, changes: Partial<OutputLine> = {}): void {
  admin.print({ service: replica.replace(/-\d+$/, ''), replica, stream: 'stdout', text, at: 0, ...changes });
}

/** Begins a command that goes on. */
function start(line: string, options: FakeTerminalOptions = {}) {
  const url = `http://127.0.0.1:${admin.port}`;
  const environment = { MESH_ADMIN_URL: url, MESH_TOKEN: token, ...options.environment };
  const terminal = new FakeTerminal({ ...options, environment });
  const ended = run(['logs', ...line.split(' ').filter((word) => word !== '')], terminal);
  return { terminal, ended };
}

async function logs(line: string, options?: FakeTerminalOptions) {
  const { terminal, ended } = start(line, options);
  const exitCode = await ended;
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

/** Resolves when the command has told all that is kept, and waits for what comes. */
const live = () => vi.waitFor(() => expect(admin.listeners()).toBe(1));

test('what is kept is shown in the order in which it was printed, behind the names of the processes', async () => {
  print('web-1', 'listening');
  print('orders-2', 'ready', { stream: 'stderr' });
  print('web-1', 'it is restarted', { stream: 'mesh' });

  expect(await logs('')).toEqual({
    exitCode: 0,
    stdout: 'web-1    | listening\norders-2 | ready\nweb-1    | it is restarted\n',
    stderr: '',
  });
});

test('services and replicas are named, and the rest is left out', async () => {
  print('web-1', 'a');
  print('orders-1', 'b');
  print('orders-2', 'c');

  expect((await logs('orders')).stdout).toBe('orders-1 | b\norders-2 | c\n');
  expect((await logs('orders-2 web')).stdout).toBe('web-1    | a\norders-2 | c\n');
});

test('it is coloured as `mesh up` does it: on a terminal, services by their order; colours of programs stay there, too', async () => {
  print('orders-1', '\u001b[31mred');

  expect((await logs('', { isTerminal: true })).stdout).toBe('\u001b[35morders-1 |\u001b[39m \u001b[31mred\u001b[0m\n');
  expect((await logs('', {})).stdout).toBe('orders-1 | red\n');
  expect((await logs('', { isTerminal: true, environment: { NO_COLOR: '1' } })).stdout).toBe('orders-1 | red\n');
});

test.each([false, true])(
  'controls that a program prints are shown and not obeyed, on a terminal: %s',
  async (isTerminal) => {
    print('web-1', '\u001b]0;owned\u0007\u001b[2J\rfake\u202e');
    print('web-1', '\u001b[2J', { stream: 'mesh' });

    const { stdout } = await logs('--no-color', { isTerminal });

    expect(stdout).toBe('web-1    | \\x1b]0;owned\\x07\\x1b[2J\\x0dfake\\u202e\nweb-1    | \\x1b[2J\n');
  },
);

test('--trace shows what names a request, and says so where nothing does', async () => {
  print('web-1', 'GET / req-1');
  print('web-1', 'GET / req-2');
  print('orders-1', 'req-1: refused');

  expect((await logs('--trace req-1')).stdout).toBe('web-1    | GET / req-1\norders-1 | req-1: refused\n');
  expect((await logs('--trace req-1 --grep refused')).stdout).toBe('orders-1 | req-1: refused\n');
  expect(await logs('--trace req-3')).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: 'no line that is kept names req-3\n',
  });
});

test('--json tells which trace a line names', async () => {
  print('web-1', 'trace_id=4bf92f3577b34da6a3ce929d0e0e4736');
  expect(JSON.parse((await logs('--json')).stdout)).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736' });
});

test('--json is one object a line, with the text as it was printed', async () => {
  print('web-1', '\u001b[31mred\u0007\u2028', { at: 7, stream: 'stderr' });
  print('web-1', 'next');

  const { stdout } = await logs('--json', { isTerminal: true });

  expect(stdout.split('\n')).toHaveLength(3);
  expect(stdout).toMatch(/^\{"schemaVersion":1,"type":"line",[^\n]*\}\n/);
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toEqual({
    schemaVersion: 1,
    type: 'line',
    service: 'web',
    replica: 'web-1',
    stream: 'stderr',
    text: '\u001b[31mred\u0007\u2028',
    at: 7,
    traceId: null,
  });
});

test.each([
  ['--grep ^error', ['error: one', 'error: three']],
  ['--grep error|two', ['error: one', 'two', 'error: three']],
  ['--grep error -v', ['two', 'four']],
  ['--grep error --invert-match', ['two', 'four']],
  ['--grep Error', []],
  ['--grep error --tail 1', ['error: three']],
  ['--grep e --tail 2 -v', ['two', 'four']],
  ['-n 2', ['error: three', 'four']],
  ['--tail 0', []],
  ['--since 1970-01-01T00:00:00.002Z', ['error: three', 'four']],
  ['--since 1970-01-01T00:00:00.001Z --grep o -n 1', ['four']],
])('%s chooses among the lines', async (options, texts) => {
  for (const [at, text] of ['\u001b[31merror\u001b[0m: one', 'two', 'error: three', 'four'].entries()) {
    print('web-1', text, { at });
  }
  expect((await logs(options)).stdout).toBe(texts.map((text) => `web-1    | ${text}\n`).join(''));
});

test('--tail with --grep counts the lines of each service that match, and those that come are not counted', async () => {
  for (const text of ['a1', 'x', 'a2', 'a3', 'x']) for (const replica of ['web-1', 'orders-1']) print(replica, text);
  const { terminal, ended } = start('-f --grep a --tail 2');
  await live();
  for (const text of ['a4', 'x', 'a5', 'a6']) print('web-1', text);
  await vi.waitFor(() => expect(terminal.stdout.text).toContain('a6'));
  terminal.signal('SIGINT');
  await ended;

  const texts = terminal.stdout.text.split('\n').map((line) => line.replace(/ +\| /, ' '));
  expect(texts).toEqual(['web-1 a2', 'orders-1 a2', 'web-1 a3', 'orders-1 a3', 'web-1 a4', 'web-1 a5', 'web-1 a6', '']);
});

test.each([
  ['--grep (', 'Invalid regular expression: /(/', 'Write a JavaScript regular expression'],
  ['--grep a{2,1}', 'Invalid regular expression: /a{2,1}/', 'Write a JavaScript regular expression'],
  ['-v', '`--invert-match` goes with `--grep`', '--grep healthz --invert-match'],
  ['--since yesterday', '`yesterday` is no time', 'Write a duration such as `5m`'],
  ['--since 2026-01-31', '`2026-01-31` is no time', 'RFC 3339'],
  ['--tail all', 'Write a whole number', '`mesh logs --help` shows what there is.'],
  ['--trace=', 'Write the id of a request', '`mesh logs --help` shows what there is.'],
  ['--tail -1', 'Write a whole number', '`mesh logs --help` shows what there is.'],
])('mesh logs %s is a mistake that is told before the mesh is asked', async (line, message, hint) => {
  const { exitCode, stdout, stderr } = await logs(line);

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^error: .*\n {2}hint: .*\n$/);
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
  expect(admin.asked).toEqual([]);
});

test('a service that the mesh does not run is told so', async () => {
  admin.control.readOutput = ([name]) => {
    throw new MeshError('unknown_service', `The mesh runs no process of \`${name}\``, { hint: 'Look elsewhere.' });
  };

  expect(await logs('payments -f')).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'error: The mesh runs no process of `payments`\n  hint: Look elsewhere.\n',
  });
});

test('a mesh that runs nothing says so', async () => {
  admin.control.services = () => servicesView([serviceView({ processes: [] })]);

  expect(await logs('')).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: 'the mesh runs no process, so it has no output to show\n',
  });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('-f shows every line as it comes, until %s', async (signal, exitCode) => {
  print('web-1', 'kept');
  const { terminal, ended } = start('web -f');
  await live();
  print('orders-1', 'of another');
  print('web-1', 'new');
  await vi.waitFor(() => expect(terminal.stdout.text).toBe('web-1    | kept\nweb-1    | new\n'));

  terminal.signal(signal);

  expect(await ended).toBe(exitCode);
  expect(terminal.stderr.text).toBe('');
  expect(terminal.listeners).toBe(0);
  await vi.waitFor(() => expect(admin.listeners()).toBe(0));
});

test('-f ends with the mesh, after its last line, and says so', async () => {
  const { terminal, ended } = start('-f --json');
  await live();
  print('web-1', 'bye');
  await admin[Symbol.asyncDispose]();

  expect(await ended).toBe(0);
  expect(JSON.parse(terminal.stdout.text)).toMatchObject({ text: 'bye' });
  expect(terminal.stderr.text).toBe('shop has ended\n');
});

test('`| head` ends it, and quietly', async () => {
  const { terminal, ended } = start('-f');
  await live();

  terminal.close();

  expect(await ended).toBe(0);
  expect(terminal.stderr.text).toBe('');
});

test('a slow reader of -f holds up the stream, is told how many lines it has missed, and then goes on', async () => {
  const { terminal, ended } = start('-f');
  await live();
  terminal.stdout.untaken = 1_000_000;
  print('web-1', 'the last that is taken');
  await vi.waitFor(() => expect(terminal.stdout.text).toContain('the last that is taken'));
  let printed = 0;
  const flood = () => {
    for (let count = 0; count < 1_000; count++) print('web-1', `${printed++} ${'x'.repeat(1_000)}`);
  };
  for (let count = 0; count < 30; count++) {
    flood();
    await turn();
  }
  expect(terminal.stdout.text.split('\n')).toHaveLength(2);

  terminal.stdout.take();
  const lastLine = new RegExp(`\\| ${printed - 1} x`);
  await vi.waitFor(() => expect(terminal.stdout.text).toMatch(lastLine), 10_000);
  terminal.signal('SIGINT');
  await ended;

  const skipped = [
    ...terminal.stdout.text.matchAll(/^mesh {5}\| … (\d+) lines of web were left out: the reader was too slow$/gm),
  ];
  const shown = terminal.stdout.text.match(/\| \d+ x/g) ?? [];
  const missed = skipped.reduce((sum, [, count]) => sum + Number(count), 0);
  expect(missed).toBeGreaterThan(10_000);
  expect(missed + shown.length).toBe(printed);
});

test('a reader that reads no more can be ended', async () => {
  const { terminal, ended } = start('-f');
  await live();
  terminal.stdout.untaken = 1_000_000;
  print('web-1', 'unread');
  await vi.waitFor(() => expect(terminal.stdout.text).toContain('unread'));

  terminal.signal('SIGTERM');

  expect(await ended).toBe(143);
});

test('what is kept is taken at once, however slow the reader: nothing of it is lost to a pager', async () => {
  for (let count = 0; count < 5_000; count++) print('web-1', 'x'.repeat(100));
  const { terminal, ended } = start('');
  terminal.stdout.untaken = 1_000_000;

  expect(await ended).toBe(0);
  expect(terminal.stdout.text.split('\n')).toHaveLength(5_001);
});

test('where no mesh runs, it says so', async () => {
  await admin[Symbol.asyncDispose]();
  expect(await logs('-f')).toMatchObject({
    exitCode: 3,
    stdout: '',
    stderr: expect.stringMatching(/^error: The mesh at /),
  });
});

test('a shell that completes it is given services and their processes', async () => {
  const written = vi.spyOn(console, 'log').mockImplementation(() => {}); // tab writes by itself
  try {
    const url = `http://127.0.0.1:${admin.port}`;
    const terminal = new FakeTerminal({ environment: { MESH_ADMIN_URL: url, MESH_TOKEN: token } });
    expect(await run(['complete', '--', 'logs', 'web', 'or'], terminal)).toBe(0);
    expect(written.mock.calls.flat()).toEqual(['orders\tservice', 'orders-1\tservice', 'orders-2\tservice', ':4']);
  } finally {
    written.mockRestore();
  }
});
