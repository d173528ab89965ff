import { expect, test } from 'vitest';
import type { LogLineView } from '../../../src/admin/logs-wire.js';
import { layoutOf } from '../../../src/cli/top/layout.js';
import { quickFaults } from '../../../src/cli/top/quick-faults.js';
import { rowsOf } from '../../../src/cli/top/rows.js';
import { sortNames } from '../../../src/cli/top/sort.js';
import type { TopState } from '../../../src/cli/top/state.js';
import { keptEntries } from '../../../src/cli/top/state.js';
import type { Message } from '../../../src/cli/top/step.js';
import { readShape } from '../../../src/config/read-shape.js';
import { after, begin, busyService, keys, mesh, shop, topService } from './states.js';

const rowKeys = (state: TopState) => rowsOf(state).map(({ key }) => key);
const seen = (...services: Parameters<typeof mesh>): Message => ({ kind: 'seen', view: mesh(...services) });
const abc = mesh(busyService('b', 2), busyService('a', 1), busyService('c', 3));
const many = mesh(...Array.from({ length: 50 }, (_, index) => topService(`s${String(index).padStart(2, '0')}`)));

test.each([
  [keys.down, 'b'],
  ['j', 'b'],
  [`jj${keys.up}`, 'b'],
  ['jjk', 'b'],
  ['jjjjj', 'c'],
  ['k', 'a'],
  [keys.end, 'c'],
  ['G', 'c'],
  [`G${keys.home}`, 'a'],
  ['Gg', 'a'],
])('%j selects %s', (sent, key) => {
  expect(after(begin(abc), sent).state.cursor.key).toBe(key);
});

test.each([
  ['service', ['a', 'b', 'c']],
  ['rps', ['c', 'b', 'a']],
] as const)('by %s the order is %j, and r turns it round', (by, order) => {
  const state = begin(abc, undefined, { sort: { by, isReversed: false }, filter: '' });
  expect(rowKeys(state)).toEqual(order);
  expect(rowKeys(after(state, 'r').state)).toEqual(order.toReversed());
});

test('a text that is pasted is a filter while one is typed, and else does nothing', () => {
  const pasted = '\u001b[200~orq f4\r\u001b[201~';
  const state = begin();
  expect(after(state, pasted)).toEqual({ state, effects: [] });
  expect(after(state, '?', pasted).state.mode.kind).toBe('help');
  expect(after(state, 'f', pasted).effects).toEqual([]);
  expect(after(state, `/${pasted}`).state).toMatchObject({ filter: 'orq f4', mode: { kind: 'filtering' } });
});

test('s goes from column to column, and round', () => {
  const order = sortNames.map((_, index) => after(begin(), 's'.repeat(index)).state.sort.by);
  expect(order).toEqual(sortNames);
  expect(after(begin(), 's'.repeat(sortNames.length)).state.sort.by).toBe(sortNames[0]);
});

test.each(sortNames.slice(1))('by %s, equals keep the order of the mesh, and those without a value come last', (by) => {
  const idle = busyService('idle', 0);
  const worker = topService('worker', { expose: false });
  const quiet = { ...idle, metrics: { ...idle.metrics, p50: null, p95: null, p99: null } };
  const view = mesh(worker, quiet, topService('y'), topService('x'));
  for (const isReversed of [false, true]) {
    const order = rowKeys(begin(view, undefined, { sort: { by, isReversed }, filter: '' }));
    expect(order.filter((key) => key === 'x' || key === 'y')).toEqual(['y', 'x']);
    expect(order.at(by === 'success' || by.startsWith('p') ? -2 : -1)).toBe('worker');
  }
});

test('by success the worst comes first', () => {
  const view = mesh(busyService('fine', 5), busyService('worst', 5, 0.5), busyService('bad', 5, 0.1));
  expect(rowKeys(after(begin(view), 'ss').state)).toEqual(['worst', 'bad', 'fine']);
});

test('the selection stays with its service when rows move, and with its place when the service goes', () => {
  const state = begin(abc, undefined, { sort: { by: 'rps', isReversed: false }, filter: '' });
  const moved = after(state, seen(busyService('c', 3), busyService('a', 1), busyService('d', 9), busyService('b', 2)));
  expect([state.cursor.key, moved.state.cursor]).toEqual(['c', { key: 'c', index: 1 }]);

  const gone = after(moved.state, seen(busyService('a', 1), busyService('d', 9), busyService('b', 2)));
  expect(gone.state.cursor).toEqual({ key: 'b', index: 1 });
  expect(after(gone.state, seen()).state.cursor).toEqual({ key: undefined, index: 0 });
});

test('what is typed behind / filters at once; enter keeps it, Esc shows all again', () => {
  const typing = after(begin(), '/ORD').state;
  expect([typing.mode.kind, rowKeys(typing)]).toEqual(['filtering', ['orders']]);
  expect(rowKeys(after(typing, keys.backspace.repeat(2)).state)).toEqual(['orders', 'shoppers']);
  expect(after(typing, '\u0015').state.filter).toBe('');

  const kept = after(typing, keys.enter).state;
  expect([kept.mode.kind, kept.filter]).toEqual(['browsing', 'ORD']);
  expect(rowKeys(after(kept, keys.escape).state)).toHaveLength(3);
  expect(after(typing, keys.escape).state).toMatchObject({ mode: { kind: 'browsing' }, filter: '' });
});

test('in a filter q, s and ? are letters, and arrows still select', () => {
  const state = after(begin(), `/s${keys.down}`).state;
  expect(state).toMatchObject({ filter: 's', cursor: { key: 'shoppers' } });
  expect(after(state, 'q?').effects).toEqual([]);
  expect(after(state, '\u0003').effects).toEqual([{ kind: 'quit' }]);
});

test('e shows only what fails or is not well, and all again', () => {
  const unwell = topService('unwell', { ready: false, processes: [] });
  const state = after(begin(mesh(busyService('fine', 5), busyService('failing', 5, 0.01), unwell)), 'e').state;
  expect(rowKeys(state)).toEqual(['failing', 'unwell']);
  expect(rowKeys(after(state, 'e').state)).toHaveLength(3);
});

test.each([keys.enter, ' ', keys.right])(
  '%j opens a service: instances, processes, who calls it and whom it calls',
  (key) => {
    const state = after(begin(), key).state;
    expect(rowKeys(state).slice(0, 5)).toEqual([
      'orders',
      'orders instance orders-1',
      'orders instance orders-2',
      'orders from web',
      'orders from null',
    ]);
    expect(rowKeys(after(begin(), `jj${key}`).state).slice(-2)).toEqual(['web instance web-1', 'web to orders']);
    expect(rowKeys(after(begin(), `j${key}`).state)).toContain('shoppers process shoppers-1');
  },
);

test('on a part of a service, enter closes it, and its row is selected', () => {
  const state = after(begin(), `${keys.enter}jj`).state;
  expect(state.cursor.key).toBe('orders instance orders-2');
  for (const key of [keys.enter, keys.left]) {
    const closed = after(state, key).state;
    expect([rowKeys(closed), closed.cursor.key]).toEqual([['orders', 'shoppers', 'web'], 'orders']);
  }
});

test('the selected row is on the screen wherever the keys go, and however the screen shrinks', () => {
  let state = begin(many);
  const isShown = () => {
    const { rows } = layoutOf(state);
    const { index } = state.cursor;
    expect(index).toBeGreaterThanOrEqual(state.first);
    expect(index).toBeLessThan(state.first + Math.max(1, rows));
    expect(state.first + rows).toBeLessThanOrEqual(Math.max(50, rows));
  };
  for (const key of [
    'j'.repeat(30),
    keys.pageDown,
    keys.pageDown,
    keys.pageUp,
    'l',
    keys.escape,
    keys.end,
    keys.home,
  ]) {
    state = after(state, key).state;
    isShown();
  }
  state = after(state, keys.end, { kind: 'resized', size: { columns: 80, rows: 10 } }).state;
  isShown();
  expect(state.cursor.key).toBe('s49');
  state = after(state, { kind: 'resized', size: { columns: 80, rows: 100 } }).state;
  expect(state.first).toBe(0);
});

test('a page is as long as the table, less the row that the eye holds on to', () => {
  expect(after(begin(many), keys.pageDown).state.cursor.index).toBe(19);
});

test('p holds the picture and not the data', () => {
  const paused = after(begin(abc), 'p', seen(busyService('new', 1))).state;
  expect([paused.isPaused, rowKeys(paused)]).toEqual([true, ['a', 'b', 'c']]);
  expect(rowKeys(after(paused, 'p').state)).toEqual(['new']);
});

test('? shows the keys, any key hides them, and q quits from everywhere', () => {
  expect(after(begin(), '?').state.mode.kind).toBe('help');
  expect(after(begin(), '?x').state.mode.kind).toBe('browsing');
  for (const sent of ['q', 'Q', '?q', 'fq', 'lq', '\u0003', '/\u0003', 'l\u0003']) {
    expect(after(begin(), sent).effects.at(-1)).toEqual({ kind: 'quit' });
  }
  expect(after(begin(), '\u000c').effects).toEqual([{ kind: 'repaint' }]);
});

test('f offers trouble for the selected service, by its key or by enter', () => {
  const menu = after(begin(), 'f').state;
  expect(menu.mode).toEqual({ kind: 'faults', service: 'orders', chosen: 0 });
  for (const [index, fault] of quickFaults.entries()) {
    const effect = { kind: 'shape', service: 'orders', fault };
    expect(after(menu, fault.key).effects).toEqual([effect]);
    const chosen = after(menu, keys.down.repeat(index), keys.enter);
    expect([chosen.effects, chosen.state.mode.kind]).toEqual([[effect], 'browsing']);
  }
  expect(after(menu, 'x', keys.escape)).toMatchObject({ effects: [], state: { mode: { kind: 'browsing' } } });
});

test.each(quickFaults.filter(({ values }) => values !== undefined))(
  'the trouble "$words" is one that the mesh takes',
  ({ values }) => {
    expect(readShape(values, '/')).toMatchObject({ kind: 'shape' });
  },
);

test('a worker is called by nobody, and has no trouble', () => {
  const { state, effects } = after(begin(), 'jf');
  expect(state).toMatchObject({ mode: { kind: 'browsing' }, notice: { words: expect.stringContaining('shoppers') } });
  expect(effects).toEqual([]);
  expect(after(state, 'k').state.notice).toBeUndefined();
});

test('what came of it is told until the next key', () => {
  const told = after(begin(), { kind: 'told', notice: { words: 'done', tone: 'good' } }, seen()).state;
  expect(told.notice?.words).toBe('done');
  expect(after(told, 'j').state.notice).toBeUndefined();
});

const line = (text: string): LogLineView => ({ service: 'orders', replica: 'orders-1', stream: 'stdout', text, at: 0 });
const logged = (target: string, ...texts: string[]): Message => ({
  kind: 'logged',
  target,
  entries: texts.map((text) => ({ kind: 'line', line: line(text) })),
});

test('l follows the output of the service, of one of its processes, and Esc ends it', () => {
  const { state, effects } = after(begin(), 'l');
  expect(effects).toEqual([{ kind: 'follow', target: 'orders' }]);
  expect(state.mode).toMatchObject({ kind: 'logs', target: 'orders', isWhole: false });
  expect(after(begin(), `${keys.enter}jl`).effects).toEqual([{ kind: 'follow', target: 'orders-1' }]);
  expect(after(begin(), `j${keys.enter}jl`).effects).toEqual([{ kind: 'follow', target: 'shoppers-1' }]);
  expect(after(state, keys.enter).state.mode).toMatchObject({ isWhole: true });
  for (const key of [keys.escape, 'l']) {
    expect(after(state, key)).toMatchObject({ effects: [{ kind: 'unfollow' }], state: { mode: { kind: 'browsing' } } });
  }
});

test('output is kept up to a bound, that of another service is not shown, and who scrolls back stays there', () => {
  const texts = Array.from({ length: keptEntries + 10 }, (_, index) => String(index));
  const { state } = after(begin(), 'l', logged('web', 'not mine'), logged('orders', ...texts));
  if (state.mode.kind !== 'logs') throw new Error('no logs');
  expect(state.mode.entries).toHaveLength(keptEntries);
  expect(state.mode.entries.at(-1)).toMatchObject({ line: { text: String(keptEntries + 9) } });

  const back = after(state, keys.up.repeat(3), logged('orders', 'more', 'and more')).state;
  expect(back.mode).toMatchObject({ back: 5 });
  expect(after(back, keys.down).state.mode).toMatchObject({ back: 4 });
  expect(after(back, keys.end).state.mode).toMatchObject({ back: 0 });
  expect(after(back, keys.home, keys.up).state.mode).toMatchObject({ back: keptEntries - 1 });
  expect(after(back, keys.pageUp, keys.pageDown).state.mode).toMatchObject({ back: 5 });
});

test('a mesh that is gone is told, and when it is back its output is read anew', () => {
  const lost = after(begin(), 'l', logged('orders', 'old'), { kind: 'lost', why: 'gone' }).state;
  expect(lost.connection).toEqual({ kind: 'lost', why: 'gone' });
  const ended = after(lost, { kind: 'log-ended', target: 'orders', why: 'the mesh has ended' }).state;
  expect(ended.mode).toMatchObject({ ended: 'the mesh has ended' });

  const back = after(ended, { kind: 'seen', view: shop });
  expect(back.effects).toEqual([{ kind: 'follow', target: 'orders' }]);
  expect(back.state).toMatchObject({ connection: { kind: 'live' }, mode: { entries: [], ended: undefined } });
  expect(after(back.state, { kind: 'seen', view: shop }).effects).toEqual([]);
});
