import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginUpdate, clearScreen, endUpdate, enterScreen, leaveScreen } from '../../src/cli/render/frame.js';
import { run } from '../../src/cli/run.js';
import type { FakeTerminalOptions } from '../support/terminal.js';
import { FakeTerminal } from '../support/terminal.js';
import { servicesView, serviceView } from '../support/views.js';
import { AdminStub } from './admin-stub.js';

const ctrlC = '\u0003';
// biome-ignore lint/suspicious/noControlCharactersInRegex: each row says where it stands.
const rowBegins = /\u001b\[\d+;1H/;
const mistake = { code: 'invalid', message: 'no', hint: null, file: 'mesh.yaml', line: 1, column: 1 };

let admin: AdminStub;

beforeEach(async () => {
  admin = await AdminStub.open(servicesView([serviceView({ name: 'web' })]));
});

afterEach(() => admin.close());

/** `mesh ls …`, when it has looked once and waits. */
async function watching(line: string, options: FakeTerminalOptions = {}) {
  const environment = { MESH_ADMIN_URL: admin.url, MESH_TOKEN: AdminStub.token, NO_COLOR: '1', ...options.environment };
  const terminal = new FakeTerminal({ ...options, environment });
  const ended = run(line.split(' '), terminal);
  await terminal.whenPaused();
  return { terminal, ended };
}

/** What it has written when it waits again. */
async function next(terminal: FakeTerminal): Promise<string> {
  terminal.stdout.text = '';
  const paused = terminal.whenPaused();
  terminal.tick();
  await paused;
  return terminal.stdout.text;
}

test.each(['-w', '--watch'])('ls %s on a terminal draws on a screen of its own, each second', async (option) => {
  const { terminal, ended } = await watching(`ls ${option}`, { isTerminal: true });
  expect(terminal.stdout.text.startsWith(enterScreen)).toBe(true);
  expect(terminal.stdout.text).toContain('SERVICE');
  expect(terminal.stdout.text).toContain('web');

  expect(await next(terminal)).toBe('');
  admin.view = servicesView([serviceView({ name: 'web' }), serviceView()]);
  const changed = await next(terminal);
  expect(changed).toContain('orders');
  expect(terminal.pauses).toEqual([1_000, 1_000, 1_000]);

  terminal.stdout.text = '';
  terminal.press(ctrlC);
  expect(await ended).toBe(0);
  expect(terminal.stdout.text).toBe(leaveScreen);
  expect(terminal.listeners).toBe(0);
});

test('a row that stays as it is, is not written again', async () => {
  const web = serviceView({ name: 'web' });
  const billing = serviceView({ name: 'billing' });
  admin.view = servicesView([web, billing]);
  const { terminal, ended } = await watching('ls -w', { isTerminal: true, columns: 120 });

  admin.view = servicesView([{ ...web, metrics: { ...web.metrics, inFlight: 3 } }, billing]);
  const changed = await next(terminal);

  expect(changed).toMatch(/web .* 3/);
  expect(changed).not.toContain('billing');
  terminal.press('q');
  expect(await ended).toBe(0);
});

test('a small screen is never overrun, and says what it hides', async () => {
  admin.view = servicesView(Array.from({ length: 30 }, (_, index) => serviceView({ name: `service-${index}` })));
  const { terminal, ended } = await watching('ls -w', { isTerminal: true, columns: 50, rows: 5 });

  terminal.stdout.text = '';
  terminal.resize(30, 10);

  expect(terminal.stdout.text.startsWith(beginUpdate + clearScreen)).toBe(true);
  expect(terminal.stdout.text.endsWith(endUpdate)).toBe(true);
  const rows = terminal.stdout.text.slice(0, -endUpdate.length).split(rowBegins).slice(1);
  expect(rows).toHaveLength(10);
  for (const row of rows) expect(stripVTControlCharacters(row).length).toBeLessThanOrEqual(30);
  expect(rows.at(-1)).toContain('… 22 more');
  terminal.press('q');
  expect(await ended).toBe(0);
});

test('a screen that grows is drawn as a whole, though the table is the same', async () => {
  const { terminal, ended } = await watching('ls -w', { isTerminal: true, columns: 120 });

  terminal.stdout.text = '';
  terminal.resize(140, 40);

  expect(terminal.stdout.text).toMatch(/SERVICE .*web /s);
  terminal.press('q');
  expect(await ended).toBe(0);
});

test('who leaves after the mesh has gone, leaves in good order', async () => {
  const { terminal, ended } = await watching('ls -w', { isTerminal: true });
  await admin.close();
  terminal.press('q');

  expect(await ended).toBe(0);
  expect(terminal.stderr.text).toBe('');
});

test('a mesh file with mistakes is told above the table, as long as it has them', async () => {
  const { terminal, ended } = await watching('ls -w', { isTerminal: true, columns: 120 });
  expect(terminal.stdout.text).not.toContain('mistakes');

  admin.rejected = [mistake];
  expect(await next(terminal)).toContain('\u001b[1;1H! the mesh file has mistakes');
  admin.rejected = [];
  expect(await next(terminal)).toContain('\u001b[1;1HSERVICE');
  expect(terminal.stderr.text).toBe('');
  terminal.press('q');
  expect(await ended).toBe(0);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('the screen is given back at %s', async (signal, exitCode) => {
  const { terminal, ended } = await watching('ls -w', { isTerminal: true });
  terminal.signal(signal);

  expect(await ended).toBe(exitCode);
  expect(terminal.stdout.text.endsWith(leaveScreen)).toBe(true);
});

test('the screen is given back when the mesh goes away, and it is told', async () => {
  const { terminal, ended } = await watching('ls -w', { isTerminal: true });
  await admin.close();
  terminal.tick();

  expect(await ended).toBe(3);
  expect(terminal.stdout.text.endsWith(leaveScreen)).toBe(true);
  expect(terminal.stderr.text).toContain('error:');
  expect(terminal.listeners).toBe(0);
});

test.each([
  ['off a terminal', {}, 0],
  ['on a terminal that knows lines alone', { isTerminal: true, environment: { TERM: 'dumb' } }, 129],
])('%s the table is printed anew only when it has changed, until nobody reads', async (_, options, exitCode) => {
  const { terminal, ended } = await watching('ls -w', options);
  expect(terminal.stdout.text).toMatch(/^SERVICE .*\nweb .*\n\n$/);

  expect(await next(terminal)).toBe('');
  admin.view = servicesView([serviceView({ name: 'web' }), serviceView()]);
  expect(await next(terminal)).toMatch(/^SERVICE .*\nweb .*\norders .*\n\n$/);

  terminal.close();
  expect(await ended).toBe(exitCode);
});

test('off a terminal, mistakes of the mesh file are told once, beside the data', async () => {
  const { terminal, ended } = await watching('ls -w');
  admin.rejected = [mistake];
  await next(terminal);
  await next(terminal);

  expect(terminal.stderr.text.match(/mistakes/g)).toHaveLength(1);
  expect(terminal.stdout.text).toBe('');
  terminal.signal('SIGINT');
  expect(await ended).toBe(130);
});

test('ls -w --json prints a line of JSON for each change', async () => {
  const { terminal, ended } = await watching('ls -w --json', { isTerminal: true });
  const first = terminal.stdout.text;
  expect(first.split('\n')).toHaveLength(2);
  expect(JSON.parse(first)).toEqual(admin.view);

  expect(await next(terminal)).toBe('');
  admin.view = servicesView([]);
  expect(await next(terminal)).toBe(`${JSON.stringify(admin.view)}\n`);
  terminal.signal('SIGINT');
  expect(await ended).toBe(130);
});
