import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginUpdate, clearScreen, enterScreen, leaveScreen } from '../../../src/cli/render/frame.js';
import { run } from '../../../src/cli/run.js';
import type { FakeTerminalOptions } from '../../support/terminal.js';
import { FakeTerminal } from '../../support/terminal.js';
import { servicesView, serviceView, workerView } from '../../support/views.js';
import { AdminStub } from '../admin-stub.js';
import { keys } from './states.js';

const ctrlC = '\u0003';
const ctrlZ = '\u001a';

let admin: AdminStub;

beforeEach(async () => {
  admin = await AdminStub.open(servicesView([serviceView({ name: 'web' }), serviceView(), workerView()]));
});

afterEach(() => admin.close());

function terminalOf(options: FakeTerminalOptions = {}): FakeTerminal {
  const environment = {
    MESH_ADMIN_URL: admin.url,
    MESH_TOKEN: AdminStub.token,
    NO_COLOR: '1',
    LANG: 'C.UTF-8',
    USER: 'ann',
    ...options.environment,
  };
  return new FakeTerminal({ ...options, environment });
}

/** `mesh top …` on a screen of its own, when it has looked once and waits. */
async function watching(line = 'top', options: FakeTerminalOptions = {}) {
  const terminal = terminalOf({ isTerminal: true, ...options });
  const ended = run(line.split(' '), terminal);
  await terminal.whenPaused();
  return { terminal, ended };
}

/** All keys of one read are obeyed before there is a picture. */
function drawn(): Promise<void> {
  return new Promise(setImmediate);
}

/** What it has written when it waits again. */
async function next(terminal: FakeTerminal): Promise<string> {
  terminal.stdout.text = '';
  const paused = terminal.whenPaused();
  terminal.tick();
  await paused;
  return terminal.stdout.text;
}

test('top draws on a screen of its own, writes what changed, and gives it back at q', async () => {
  const { terminal, ended } = await watching();
  expect(terminal.stdout.text.startsWith(enterScreen)).toBe(true);
  expect(terminal.stdout.text).toContain('orders');
  expect([...terminal.lastWords]).toEqual([leaveScreen]); // whatever crashes

  admin.view = servicesView([serviceView({ name: 'billing' }), serviceView({ name: 'web' })]);
  const changed = await next(terminal);
  expect(changed).toContain('billing');
  expect(changed).not.toContain('quit');

  terminal.stdout.text = '';
  terminal.press('q');
  expect(await ended).toBe(0);
  expect(terminal.stdout.text.endsWith(leaveScreen)).toBe(true);
  expect(terminal.listeners).toBe(0);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('the screen is given back at %s', async (signal, exitCode) => {
  const { terminal, ended } = await watching();
  terminal.signal(signal);

  expect(await ended).toBe(exitCode);
  expect(terminal.stdout.text.endsWith(leaveScreen)).toBe(true);
  expect(terminal.listeners).toBe(0);
});

test('a window of another size is drawn as a whole', async () => {
  const { terminal, ended } = await watching();
  terminal.stdout.text = '';
  terminal.resize(60, 10);
  await drawn();
  expect(terminal.stdout.text).toContain(clearScreen);
  expect(terminal.stdout.text).toContain('shop · ');
  expect(terminal.stdout.text).toContain('\u001b[10;1H');
  terminal.press(ctrlC);
  expect(await ended).toBe(0);
});

test('many keys at once cost one picture', async () => {
  const { terminal, ended } = await watching();
  terminal.stdout.text = '';
  terminal.press(...'jkjkjkjk', keys.down);
  await drawn();
  expect(terminal.stdout.text.split(beginUpdate)).toHaveLength(2);
  terminal.press('q');
  await ended;
});

test('ctrl-l draws all of it anew', async () => {
  const { terminal, ended } = await watching();
  terminal.stdout.text = '';
  terminal.press('\u000c');
  await drawn();
  expect(terminal.stdout.text).toContain(clearScreen);
  expect(terminal.stdout.text).toContain('SERVICE');
  terminal.press('q');
  await ended;
});

test.each(['ctrl-z', 'SIGTSTP'])('at %s the screen is given back, and drawn again when it goes on', async (way) => {
  const { terminal, ended } = await watching();
  terminal.stdout.text = '';
  if (way === 'ctrl-z') terminal.press(ctrlZ);
  else terminal.stop();
  expect(terminal.stdout.text).toBe(leaveScreen);
  await expect.poll(() => terminal.suspended).toBe(1);
  await next(terminal);
  expect(terminal.stdout.text).toBe(''); // another program has the terminal

  terminal.continue();
  await expect.poll(() => terminal.stdout.text).toContain('SERVICE');
  expect(terminal.stdout.text.startsWith(enterScreen)).toBe(true);
  terminal.press('q');
  expect(await ended).toBe(0);
});

test('who was stopped by SIGSTOP takes the terminal again when it goes on', async () => {
  const { terminal, ended } = await watching();
  terminal.stdout.text = '';
  terminal.continue();
  await drawn();
  expect(terminal.stdout.text.startsWith(leaveScreen + enterScreen)).toBe(true);
  expect(terminal.stdout.text).toContain('SERVICE');
  terminal.press('q');
  expect(await ended).toBe(0);
  expect(terminal.listeners).toBe(0);
});

test('a terminal that takes nothing gets the newest picture when it goes on', async () => {
  const { terminal, ended } = await watching();
  terminal.stdout.untaken = 1_000_000;
  admin.view = servicesView([serviceView({ name: 'one' })]);
  expect(await next(terminal)).toBe('');
  admin.view = servicesView([serviceView({ name: 'two' })]);
  expect(await next(terminal)).toBe('');
  terminal.stdout.take();
  await expect.poll(() => terminal.stdout.text).toContain('two');
  expect(terminal.stdout.text).not.toContain('one ');
  terminal.press('q');
  await ended;
});

test('a mesh that goes away is waited for, and so is one that comes at another address', async () => {
  const { terminal, ended } = await watching();
  await admin.close();
  expect(await next(terminal)).toContain('reconnecting… The mesh at ');
  expect(await next(terminal)).not.toContain('SERVICE'); // the last picture stays

  admin = await AdminStub.open(servicesView([serviceView({ name: 'reborn' })]));
  terminal.environment.MESH_ADMIN_URL = admin.url;
  const back = await next(terminal);
  expect(back).toContain('reborn');
  expect(back).toContain('\u001b[2;1H\u001b[K'); // the news are gone

  terminal.press('q');
  expect(await ended).toBe(0);
  expect(terminal.stderr.text).toBe('');
});

test('without a mesh at the beginning there is no screen, but an error', async () => {
  await admin.close();
  const terminal = terminalOf({ isTerminal: true });
  expect(await run(['top'], terminal)).toBe(3);
  expect(terminal.stdout.text).toBe('');
  expect(terminal.stderr.text).toContain('error:');
});

test('trouble is made over the API, for a minute, in the name of who is logged in, and what came of it is told', async () => {
  const { terminal, ended } = await watching();
  terminal.stdout.text = '';
  admin.view = servicesView([serviceView(), serviceView({ name: 'seen-at-once' })]);
  terminal.press('f', '1');
  await expect.poll(() => terminal.stdout.text).toContain('orders: delay 300ms for all requests, for 1m');
  expect(admin.asked).toEqual([
    'shape orders {"values":{"faults":[{"delay":"300ms"}]},"duration":60000,"by":"ann (mesh top)"}',
  ]);

  await expect.poll(() => terminal.stdout.text).toContain('seen-at-once');

  terminal.press('f', 'c');
  await expect.poll(() => terminal.stdout.text).toContain('orders: as the mesh file says again');
  expect(admin.asked.at(-1)).toBe('shape orders undefined');

  terminal.press('f');
  admin.view = servicesView([]);
  terminal.press('3');
  await expect.poll(() => terminal.stdout.text).toContain('There is no service `orders`');
  terminal.press('q');
  expect(await ended).toBe(0);
});

test('the output of a service is followed until Esc', async () => {
  const { terminal, ended } = await watching();
  admin.output.push({ service: 'orders', replica: 'orders-1', stream: 'stdout', text: 'hello\u001b[2J', at: 0 });
  terminal.press('l');
  await expect.poll(() => terminal.pauses).toContain(100); // lines are collected for that long
  terminal.tick();
  await expect.poll(() => terminal.stdout.text).toContain('orders-1 │ hello\\x1b[2J');

  terminal.stdout.text = '';
  terminal.press(keys.escape);
  expect(stripVTControlCharacters(terminal.stdout.text)).not.toContain('hello');
  terminal.press('q');
  expect(await ended).toBe(0);
  expect(terminal.listeners).toBe(0);
});

test('--sort and --filter are where the screen begins', async () => {
  const { terminal, ended } = await watching('top --sort p99 --filter ORD --interval 5s', { columns: 120 });
  expect(terminal.stdout.text).toContain('P99 ▼');
  expect(terminal.stdout.text).toContain('filter ORD');
  expect(terminal.stdout.text).not.toContain('web');
  expect(terminal.pauses).toEqual([5_000]);
  terminal.press('q');
  await ended;
});

test.each([
  ['off a terminal', {}, 0],
  ['on a terminal that knows lines alone', { isTerminal: true, environment: { TERM: 'dumb' } }, 129],
])('%s top prints a line per service and tick, until nobody reads', async (_, options, exitCode) => {
  const { terminal, ended } = await watching('top --interval 2s', { isTerminal: false, ...options });
  await next(terminal);
  expect(terminal.stdout.text).toMatch(/^(?:\d\d:\d\d:\d\d (?:orders|web) .*\n){2}$/);
  terminal.close();

  expect(await ended).toBe(exitCode); // a terminal that is gone is the end by SIGHUP, whether that has come or not
  expect(terminal.pauses).toEqual([2_000, 2_000]);
});

test('--json prints one document per tick, in one line, of the services that are wished for', async () => {
  const { terminal, ended } = await watching('top --json --filter r');
  await next(terminal);
  terminal.signal('SIGINT');
  expect(await ended).toBe(130);

  const [line = '', ...others] = terminal.stdout.text.split('\n');
  expect(others).toEqual(['']);
  expect(JSON.parse(line)).toMatchObject({
    schemaVersion: 1,
    mesh: 'shop',
    at: expect.any(Number),
    services: [
      { name: 'orders', metrics: { p99: 21.456, queued: 0 }, trend: { requests: [] }, callers: [] },
      { name: 'shoppers' },
    ],
  });
});

test.each([
  ['on a terminal', 'C.UTF-8', true, 80, /^SERVICE ▲ .*\norders .*\nshoppers .*\nweb .*\n$/],
  ['on a terminal', 'C', true, 80, /^SERVICE \^ .*\norders .*\nshoppers .*\nweb .*\n$/],
  ['into a pipe', 'C', false, 160, /^SERVICE ▲ .*\norders .*\nshoppers .*\nweb .*\n$/],
])('%s --once prints one table, in the locale %s', async (_, LANG, isTerminal, columns, table) => {
  const terminal = terminalOf({ isTerminal, columns, environment: { LANG } });
  expect(await run(['top', '--once'], terminal)).toBe(0);
  expect(terminal.stdout.text).toMatch(table);
  for (const line of terminal.stdout.text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  expect(terminal.pauses).toEqual([]);
});

test.each([
  ['', ['web', 'orders', 'shoppers']],
  [' --sort service', ['orders', 'shoppers', 'web']],
])('--once --json%s prints one document, in the order %j', async (sort, order) => {
  const terminal = terminalOf();
  expect(await run(`top --once --json${sort}`.split(' '), terminal)).toBe(0);
  expect(JSON.parse(terminal.stdout.text).services.map(({ name }: { name: string }) => name)).toEqual(order);
});
