import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import { MeshError } from '../../src/foundation/errors.js';
import { startAdmin, token } from '../support/admin.js';
import { endExchange } from '../support/records.js';
import { FakeTerminal } from '../support/terminal.js';

let admin: Awaited<ReturnType<typeof startAdmin>>;

beforeEach(async () => {
  admin = await startAdmin();
});

afterEach(() => admin[Symbol.asyncDispose]());

/** Begins `mesh tail`, which goes on. */
function start(...words: string[]) {
  const environment = { MESH_ADMIN_URL: `http://127.0.0.1:${admin.port}`, MESH_TOKEN: token };
  const terminal = new FakeTerminal({ environment });
  return { terminal, ended: run(['tail', ...words], terminal) };
}

/** Resolves when it watches. */
const live = () => vi.waitFor(() => expect(admin.listeners()).toBe(1));

test('what ends while it watches is told in lines, and as data in JSON, until Ctrl-C', async () => {
  endExchange(admin.records, { id: 'before' });
  const text = start();
  await live();
  const data = start('--json');
  await vi.waitFor(() => expect(admin.listeners()).toBe(2));

  endExchange(admin.records, { id: 'a', target: '/x' });
  endExchange(admin.records, { id: 'b', service: null, outcome: { kind: 'refused', status: 404, code: 'no_route' } });
  await vi.waitFor(() => expect(text.terminal.stdout.text.split('\n')).toHaveLength(3));
  await vi.waitFor(() => expect(data.terminal.stdout.text.split('\n')).toHaveLength(3));
  for (const { terminal } of [text, data]) terminal.signal('SIGINT');

  expect(await Promise.all([text.ended, data.ended])).toEqual([130, 130]);
  expect(text.terminal.stdout.text).toMatch(
    /^.* 200 .* orders {2}GET \/x {2}a\n.* 404 .*\(no service\) .* no_route {2}b\n$/,
  );
  expect(text.terminal.stderr.text).toBe('Watching the requests\n');
  const [first = ''] = data.terminal.stdout.text.split('\n');
  expect(JSON.parse(first)).toMatchObject({ id: 'a', service: 'orders', status: 200 });
});

test('the mesh itself is asked for what is wanted of which service', async () => {
  const { terminal, ended } = start('orders', '--status', '5xx,404', '--path', '/a b', '--slow', '200ms');
  await live();
  terminal.signal('SIGTERM');
  expect(await ended).toBe(143);
  const [asked = ''] = admin.asked;
  expect(JSON.parse(asked.replace('follow ', ''))).toEqual({
    service: 'orders',
    statuses: 101,
    path: '/a b',
    slow: 200,
  });
});

/** So many end at once that a hundred of them are missed. */
async function flood(service: string | null): Promise<void> {
  for (let count = 0; count < 1_100; count++) endExchange(admin.records, { service });
  await vi.waitFor(() => expect(admin.listeners()).toBe(1));
}

test('what came too fast is told at once, then once a second, and what is left with the end of the mesh', async () => {
  const { terminal, ended } = start('--status', '5xx');
  await live();
  const paused = terminal.whenPaused();
  await flood('orders');
  await paused;
  const first = ['Watching the requests', '100 requests of orders came too fast to be looked at'];
  expect(terminal.stderr.text.trim().split('\n')).toEqual(first);

  await flood('orders');
  await flood(null);
  await flood('orders');
  expect(terminal.stderr.text.trim().split('\n')).toEqual(first);
  terminal.tick();
  const second = [
    ...first,
    '200 requests of orders came too fast to be looked at',
    '100 requests came too fast to be looked at',
  ];
  await vi.waitFor(() => expect(terminal.stderr.text.trim().split('\n')).toEqual(second));

  await flood('web');
  await admin.server.close();
  expect(await ended).toBe(0);
  expect(terminal.stderr.text.trim().split('\n')).toEqual([
    ...second,
    '100 requests of web came too fast to be looked at',
    'The mesh has ended',
  ]);
});

test('a reader that is too slow holds up the stream, and all that it did not get is counted', async () => {
  const { terminal, ended } = start();
  await live();
  terminal.stdout.untaken = 1_000_000;
  endExchange(admin.records);
  await vi.waitFor(() => expect(terminal.stdout.text.split('\n')).toHaveLength(2));
  const floods = 30;
  for (let flood = 0; flood < floods; flood++) {
    for (let count = 0; count < 1_000; count++) endExchange(admin.records, { target: `/${'x'.repeat(500)}` });
    await turn();
  }
  expect(terminal.stdout.text.split('\n')).toHaveLength(2);

  terminal.stdout.take();
  endExchange(admin.records, { id: 'the-last' });
  await vi.waitFor(() => expect(terminal.stdout.text).toContain('the-last'), 10_000);
  terminal.signal('SIGINT');
  await ended;
  const missed = [...terminal.stderr.text.matchAll(/^(\d+) requests? of orders came too fast/gm)];
  const shown = terminal.stdout.text.split('\n').length - 1;
  expect(missed.reduce((sum, [, count]) => sum + Number(count), 0) + shown).toBe(1 + floods * 1_000 + 1);
});

test.each([
  [['--status', 'abc'], '`--status abc` is no status'],
  [['--status', ''], '`--status ` is no status'],
  [['--slow', 'soon'], '`--slow soon` is no duration'],
])('%j is a mistake that is told before the mesh is asked', async (words, message) => {
  const { terminal, ended } = start(...words);
  expect(await ended).toBe(2);
  expect(terminal.stderr.text).toMatch(/^error: .*\n {2}hint: Write .*\n$/);
  expect(terminal.stderr.text).toContain(message);
  expect(admin.asked).toEqual([]);
});

test('what the mesh refuses is told', async () => {
  admin.control.followExchanges = () => {
    throw new MeshError('unknown_service', 'There is no service `ordres`', { hint: 'Did you mean `orders`?' });
  };
  const { terminal, ended } = start('ordres');
  expect(await ended).toBe(1);
  expect(terminal.stderr.text).toBe('error: There is no service `ordres`\n  hint: Did you mean `orders`?\n');
});
