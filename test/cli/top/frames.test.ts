import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { OverviewServiceView } from '../../../src/admin/overview-wire.js';
import { createPaint } from '../../../src/cli/render/paint.js';
import { renderOnce, topLineHead, topLines } from '../../../src/cli/render/top/plain.js';
import { renderTop } from '../../../src/cli/render/top/screen.js';
import { sparkline } from '../../../src/cli/render/top/sparkline.js';
import { textWidth } from '../../../src/cli/render/width.js';
import type { TopState } from '../../../src/cli/top/state.js';
import type { Message } from '../../../src/cli/top/step.js';
import { shapingView, trafficView } from '../../support/views.js';
import { after, begin, busyService, keys, mesh, noon, shop, topService } from './states.js';

const plain = { paint: createPaint(0), isUnicode: true };
const colored = { paint: createPaint(1), isUnicode: true };
const ascii = { paint: createPaint(0), isUnicode: false };
const byName = { sort: { by: 'service', isReversed: false }, filter: '' } as const;

/** As it stands on a screen, without what is empty below. */
function picture(state: TopState, style = plain): string {
  return `\n${renderTop(state, style)
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

test('80 columns have the essentials', () => {
  expect(picture(begin(shop, { columns: 80, rows: 12 }))).toMatchInlineSnapshot(`
    "
    shop · 12:00:00 · up 1h2m · 24.7 requests/s · success 87.5% · 4 in flight

       SERVICE ▲  STATE       RPS  RPS 64s   SUCCESS      P99  BADGES
    ❯▸ orders     degraded   12.3  ▁▂▃▄▅▆▇█      75%  21.5 ms  1 circuit open · 1…
     ▸ shoppers   running                                      3 restarts
     ▸ web        ready      12.3  ▁▂▃▄▅▆▇█     100%  21.5 ms





    enter open  s sort  / filter  e errors  l logs  f fault  p pause  ? help  q quit
    "
  `);
});

test('120 columns have more, here with a service that is open', () => {
  const state = after(begin(shop, { columns: 120, rows: 16 }), keys.enter).state;
  expect(picture(state)).toMatchInlineSnapshot(`
    "
    shop · 12:00:00 · up 1h2m · 24.7 requests/s · success 87.5% · 4 in flight · 3 services

       SERVICE ▲    STATE      UP    RPS  RPS 64s   SUCCESS      P50      P99  P99 64s   BADGES
    ❯▾ orders       degraded  1/2   12.3  ▁▂▃▄▅▆▇█      75%   3.1 ms  21.5 ms  ▁▂▃▄▅▆▇█  1 circuit open · 1 ejected · 42s…
         orders-1   healthy            9               100%     1 ms     3 ms            v2 · 127.0.0.1:4001
         orders-2   ejected                                                              back in 12s: 5 failures in a row…
         ← web                        12                75%     1 ms     3 ms
         ← clients                   0.3               100%     1 ms     3 ms
     ▸ shoppers     running                                                              3 restarts
     ▸ web          ready     1/1   12.3  ▁▂▃▄▅▆▇█     100%   3.1 ms  21.5 ms  ▁▂▃▄▅▆▇█





    ↑↓ select  enter open  s sort  r reverse  / filter  e errors  l logs  f fault  p pause  ? help  q quit
    "
  `);
});

test('a wide screen has long sparklines, one character for each second', () => {
  const [, , head = '', row = ''] = renderTop(begin(mesh(topService('web')), { columns: 300, rows: 100 }), plain);
  expect(head).toContain('RPS 98s ');
  expect(row).toContain(` ${'▁'.repeat(7)}▂▂ ▂▂▂▂▂▃▃▃▃▃`);
});

test('without unicode, it is ASCII', () => {
  const state = after(begin(shop, { columns: 100, rows: 14 }), keys.enter, 'p').state;
  const frame = renderTop(state, ascii);
  expect(frame.join('')).toMatch(/^[ -~]*$/);
  expect(picture(state, ascii)).toMatchInlineSnapshot(`
    "
     PAUSED  | shop | 12:00:00 | up 1h2m | 24.7 requests/s | success 87.5% | 4 in flight | 3 services

       SERVICE ^    STATE      UP    RPS  RPS 64s   SUCCESS      P99  P99 64s   BADGES
    >- orders       degraded  1/2   12.3  _.-=+*#@      75%  21.5 ms  _.-=+*#@  1 circuit open | 1 ejec~
         orders-1   healthy            9               100%     3 ms            v2 | 127.0.0.1:4001
         orders-2   ejected                                                     back in 12s: 5 failures~
         < web                        12                75%     3 ms
         < clients                   0.3               100%     3 ms
     + shoppers     running                                                     3 restarts
     + web          ready     1/1   12.3  _.-=+*#@     100%  21.5 ms  _.-=+*#@



    enter open  s sort  r reverse  / filter  e errors  l logs  f fault  p pause  ? help  q quit
    "
  `);
});

const wide = topService('x'.repeat(63), {
  instances: [
    {
      ...(topService('x').instances[0] as OverviewServiceView['instances'][number]),
      id: '注文サービス🚀',
      healthReason: `\u001b[2J\tbroken\n${'注'.repeat(200)}`,
      health: 'unhealthy',
    },
  ],
});
const many = mesh(...Array.from({ length: 120 }, (_, index) => busyService(`s${index}`, index, index / 200)), wide);
const line: Message = {
  kind: 'logged',
  target: wide.name,
  entries: [
    {
      kind: 'line',
      line: {
        service: 'x',
        replica: 'x-1',
        stream: 'stdout',
        at: 0,
        text: `\u001b[31mred\ttab\u001b[2J${'注文'.repeat(99)}`,
      },
    },
    { kind: 'skipped', count: 9 },
  ],
};

test.each([
  [80, 24],
  [120, 40],
  [300, 100],
  [40, 10],
  [79, 9],
  [60, 7],
  [20, 5],
  [10, 3],
  [1, 1],
])('on %d × %d no line is too long, and none is too many, whatever is shown', (columns, rows) => {
  const first = begin(many, { columns, rows }, { ...byName, filter: '' });
  const states = [
    first,
    after(first, keys.end, keys.enter, keys.down).state,
    after(first, '/注文🚀').state,
    after(first, '/nobody', keys.enter, 'e').state,
    after(first, '?').state,
    after(first, 'f').state,
    after(first, keys.end, 'l', line).state,
    after(first, keys.end, 'l', line, keys.enter, keys.up).state,
    after(first, 'p', { kind: 'lost', why: '注文'.repeat(100) }).state,
    begin(mesh(), { columns, rows }),
  ];
  for (const state of states) {
    for (const style of [plain, colored, ascii]) {
      const frame = renderTop(state, style);
      expect(frame.length).toBeLessThanOrEqual(rows);
      for (const row of frame) expect(textWidth(row)).toBeLessThanOrEqual(columns);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: no control but colours.
      expect(stripVTControlCharacters(frame.join(''))).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(frame.join('')).not.toContain('\u001b[2J');
    }
  }
});

test('a screen that has room shows the last line of it, too: the keys', () => {
  for (const [columns, rows] of [
    [80, 24],
    [300, 100],
    [80, 8],
  ] as const) {
    const frame = renderTop(begin(many, { columns, rows }), plain);
    expect(frame).toHaveLength(rows);
    expect(frame.at(-1)).toMatch(/q quit$/);
  }
});

test('columns stay where they are while the table is scrolled', () => {
  const heads = [keys.home, keys.end].map((key) => renderTop(after(begin(many), key).state, plain)[2]);
  expect(heads[0]).toBe(heads[1]);
});

test('the table does not sway with its digits, nor with a second that runs out', () => {
  const heads = [9.5, 123, 0.42].map((perSecond, index) => {
    const service = busyService('orders', perSecond);
    const active = { shape: {}, words: ['delay 300ms'], by: 'ann', since: 0, until: noon + 60_000 - index * 1_000 };
    const traffic = trafficView({ shaping: shapingView({ active }) });
    const p99 = perSecond * 1.3;
    return renderTop(begin(mesh({ ...service, traffic, metrics: { ...service.metrics, p99, p50: p99 } })), plain)[2];
  });
  expect(new Set(heads).size).toBe(1);
});

test('a table that is cut says which rows it shows', () => {
  expect(renderTop(begin(many), plain)[1]).toBe('1–20 of 121');
  expect(renderTop(after(begin(many), keys.end).state, plain)[1]).toBe('102–121 of 121');
});

test('a long name takes no room from what is wrong, and families are told apart', () => {
  const family = ['orders-01', 'orders-02'].map((end) => busyService(`the-department-of-everything-${end}`, 9, 0.5));
  const [head = '', first = '', second = ''] = renderTop(begin(mesh(...family)), plain).slice(2);
  expect(head).toMatch(/SUCCESS +P99/);
  expect([first.split(' ')[1], second.split(' ')[2]]).toEqual([
    'the-departmen…ng-orders-01',
    'the-departmen…ng-orders-02',
  ]);
});

test('where nothing can be called there are no sparklines', () => {
  const workers = mesh(...shop.services.filter(({ expose }) => !expose));
  expect(renderTop(begin(workers), plain)[2]).toMatch(/^ {3}SERVICE ▲ +STATE +RPS +BADGES$/);
});

test('a low screen, too, says that the mesh is gone, what was done, and what is typed', () => {
  const low = begin(shop, { columns: 80, rows: 5 });
  expect(renderTop(low, plain)[0]).toMatch(/^shop · /);
  expect(renderTop(after(low, { kind: 'lost', why: 'no mesh' }).state, plain)[0]).toBe('reconnecting… no mesh');
  const told = { kind: 'told', notice: { words: 'orders: delay', tone: 'good' } } as const;
  expect(renderTop(after(low, told).state, plain)[0]).toBe('orders: delay');
  expect(renderTop(after(low, '/we').state, plain)[0]).toMatch(/^\/we {2}enter keeps it/);
});

test('while the mesh is gone, its last picture has no colour that says all is well', () => {
  const rowOf = (state: TopState) => renderTop(state, colored)[3] ?? '';
  const live = begin(mesh(topService('web')));
  expect(rowOf(live)).toContain('\u001b[32mready');
  const lost = rowOf(after(live, { kind: 'lost', why: 'gone' }).state);
  expect(lost).toBe(`\u001b[2m${stripVTControlCharacters(rowOf(live))}\u001b[22m`);
});

test('of a long text that is typed, its end is seen', () => {
  const footer = renderTop(after(begin(shop), `/${'a'.repeat(100)}end`).state, plain).at(-1);
  expect(footer).toMatch(/^\/a+end $/);
});

test('the column by which it is sorted has a mark, and is there however narrow it is', () => {
  const head = (sort: TopState['sort'], columns = 80) =>
    renderTop(begin(shop, { columns, rows: 24 }, { sort, filter: '' }), plain)[2];
  expect(head({ by: 'rps', isReversed: false })).toContain('RPS ▼');
  expect(head({ by: 'rps', isReversed: true })).toContain('RPS ▲');
  expect(head({ by: 'service', isReversed: false })).toContain('SERVICE ▲');
  expect(head({ by: 'success', isReversed: false })).toContain('SUCCESS ▲');
  expect(head({ by: 'queued', isReversed: false }, 60)).toContain('QUEUED ▼');
});

test('without colours the selected row has a sign; with them, its name stands out', () => {
  const state = after(begin(), 'jj').state;
  expect(renderTop(state, plain).filter((row) => row.startsWith('❯'))).toEqual([expect.stringMatching(/^❯▸ web /)]);
  expect(renderTop(state, colored).find((row) => row.includes('❯'))).toContain('\u001b[7m\u001b[1mweb');
});

test('in colour, the summary says that requests fail, and how badly', () => {
  const summary = (errorRate: number) => renderTop(begin(mesh(busyService('web', 10, errorRate))), colored)[0];
  expect(summary(0)).toContain('success 100%');
  expect(summary(0.01)).toContain('success \u001b[33m99%');
  expect(summary(0.5)).toContain('success \u001b[31m50%');
});

test('in colour, the seconds in which requests failed stand out', () => {
  const trend = { until: 4_000, requests: [8, 8, 8, 8], errors: [0, 1, 0, 0], p99: [null, null, null, null] };
  const frame = renderTop(begin(mesh(topService('web', { trend })), { columns: 300, rows: 24 }), colored);
  expect(frame[3]).toContain('█\u001b[39m\u001b[31m█\u001b[39m\u001b[36m██\u001b[39m');
});

const badges: ReadonlyArray<readonly [string, Partial<OverviewServiceView>]> = [
  [
    '2 faults',
    {
      traffic: trafficView({
        shaping: shapingView({
          faults: [
            { words: 'a', met: 0 },
            { words: 'b', met: 0 },
          ],
        }),
      }),
    },
  ],
  [
    'abort 503 for 5%',
    { traffic: trafficView({ shaping: shapingView({ faults: [{ words: 'abort 503 for 5%', met: 0 }] }) }) },
  ],
  ['circuit open 8s', { traffic: trafficView({ circuit: { state: 'open', until: noon + 7_001, because: 'x' } }) }],
  ['circuit half-open', { traffic: trafficView({ circuit: { state: 'half-open', underWay: 1, succeeded: 0 } }) }],
  ['panicking', { traffic: trafficView({ panicking: true }) }],
  ['split at run time', { traffic: trafficView({ split: { shares: { v1: 1 }, by: null, isOverride: true } }) }],
  ['firing: orders are failing', { firing: ['orders are failing'] }],
  [
    '42s limit 5 (scenario rush)',
    {
      traffic: trafficView({
        shaping: shapingView({
          active: { shape: {}, words: ['limit 5'], by: 'scenario rush', since: noon, until: noon + 42_000 },
        }),
      }),
    },
  ],
  [
    '1.2/s over the limit',
    {
      traffic: trafficView({
        shaping: shapingView({ rateLimit: { words: '', waiting: 0, passed: 1, delayed: 0, refused: 12 } }),
      }),
    },
  ],
];

test.each(badges)('the badge %s', (words, changes) => {
  const frame = renderTop(begin(mesh(topService('orders', changes)), { columns: 200, rows: 24 }), plain);
  expect(frame[2]).toMatch(/BADGES$/);
  expect(frame[3]).toMatch(new RegExp(` ${words.replace(/[()/.]/g, '\\$&')}$`));
});

test('a service without anything out of the ordinary has no badges', () => {
  expect(renderTop(begin(mesh(topService('orders')), { columns: 200, rows: 24 }), plain)[2]).not.toContain('BADGES');
});

test('where there are goals, there is what is left of the error budget', () => {
  const goals: Partial<OverviewServiceView> = {
    slo: { availability: 0.99, window: 3_600_000, remaining: 0.424, burnRate: 1 },
  };
  const frame = renderTop(
    begin(mesh(topService('web'), topService('orders', goals)), { columns: 200, rows: 24 }),
    plain,
  );
  expect(frame[2]).toContain('BUDGET');
  expect(frame[3]).toMatch(/ 42\.4%/);
  expect(renderTop(begin(shop, { columns: 200, rows: 24 }), plain)[2]).not.toContain('BUDGET');
});

test('what has happened to the picture stands above it', () => {
  const news = (...messages: Parameters<typeof after>[1][]) => renderTop(after(begin(), ...messages).state, plain)[1];
  expect(news({ kind: 'lost', why: 'The mesh is gone' })).toBe('reconnecting… The mesh is gone');
  expect(news({ kind: 'told', notice: { words: 'done', tone: 'good' } })).toBe('done');
  expect(news('/ord', keys.enter, 'e')).toBe('filter ord · errors only');
  const scenario = { name: 'rush', since: noon, done: 1, steps: 4 };
  const view = { ...shop, rejected: true, scenario };
  expect(news({ kind: 'seen', view })).toBe('the mesh file has mistakes: see mesh check · scenario rush, 1 of 4 steps');
  expect(renderTop(after(begin(), 'p').state, plain)[0]).toMatch(/^ PAUSED {2}· shop · 12:00:00 · up 1h2m ·/);
});

test('output is shown with who printed it, its colours where there are any, and its newest lines last', () => {
  const text = (words: string) => ({
    kind: 'line' as const,
    line: { service: 'web', replica: 'web-1', stream: 'stdout' as const, at: 0, text: words },
  });
  const entries = [
    ...Array.from({ length: 30 }, (_, index) => text(`line ${index}`)),
    text('\u001b[31mred\u001b[39m\tx'),
    { kind: 'skipped' as const, count: 5 },
  ];
  const { state } = after(begin(), 'jjl', { kind: 'logged', target: 'web', entries });
  expect(renderTop(state, plain).slice(13, -1)).toEqual(
    [
      expect.stringMatching(/^── Output of web ─+$/),
      ...[23, 24, 25, 26, 27, 28, 29].map((index) => `web-1 │ line ${index}`),
      'web-1 │ red    x',
      'mesh  │ … 5 lines were left out',
    ].slice(-10),
  );
  expect(renderTop(state, colored).join('\n')).toContain('\u001b[31mred\u001b[39m');
  expect(renderTop(after(state, keys.up).state, plain).join('\n')).toContain('1 newer below');
});

test('output that is not there is told to be not there, and why it ends', () => {
  const { state } = after(begin(), 'l');
  expect(renderTop(state, plain)).toContain('nothing printed yet');
  const why = 'The mesh runs no process of `orders`';
  expect(renderTop(after(state, { kind: 'log-ended', target: 'orders', why }).state, plain)).toContain(why);
});

test('the trouble menu tells what is in force, and marks the choice', () => {
  const frame = renderTop(after(begin(), `f${keys.down}`).state, plain);
  expect(frame.slice(13)).toEqual([
    expect.stringMatching(/^── Trouble for orders, for 1m ─+$/),
    '  in force: delay 300ms',
    '  1  delay 300ms for all requests',
    '❯ 2  delay 2s for 10%',
    ...Array(5).fill(expect.stringMatching(/^ {2}[3-7] {2}/)),
    '  c  clear: as the mesh file says again',
    expect.stringContaining('enter do it'),
  ]);
});

test.each([
  ['steps of eight', [1, 2, 3, 4, 5, 6, 7, 8], 8, 1, '▁▂▃▄▅▆▇█'],
  ['a gap where there was nothing', [8, 0, null, 4], 4, 1, '█  ▄'],
  ['the newest at the right', [1, 1], 4, 1, '  ██'],
  ['only as many as fit', [9, 1, 1], 2, 1, '██'],
  ['nothing at all', [], 3, 1, '   '],
  ['nothing but zeros', [0, 0], 3, 1, '   '],
  ['several seconds in one character', [1, 1, 2, 2, 4, 4], 3, 6, '▂▄█'],
] as const)('a sparkline has %s', (_, values, width, span, picture) => {
  expect(sparkline(values, 600, { width, span, join: 'mean' })).toBe(picture);
});

test('a sparkline moves on by whole characters, and does not shimmer', () => {
  const values = Array.from({ length: 40 }, (_, index) => (index % 7) + 1);
  const at = (second: number) =>
    sparkline(values.slice(0, 12 + second), 1_011 + second, { width: 4, span: 12, join: 'longest' });
  for (const second of [3, 6, 9]) {
    const settled = at(second).slice(0, 3);
    expect(settled).toBe(at(second - 3).slice(1));
    for (const before of [1, 2]) expect(at(second - before).slice(0, 3)).toBe(settled);
  }
});

test('--once prints one picture of all services, without anything to select', () => {
  expect(`\n${renderOnce(shop, byName, 120, plain)}\n`).toMatchInlineSnapshot(`
    "
    SERVICE ▲  STATE      UP    RPS  RPS 64s   SUCCESS      P50      P95      P99  P99 64s   BADGES
    orders     degraded  1/2   12.3  ▁▂▃▄▅▆▇█      75%   3.1 ms     8 ms  21.5 ms  ▁▂▃▄▅▆▇█  1 circuit open · 1 ejected · …
    shoppers   running                                                                       3 restarts
    web        ready     1/1   12.3  ▁▂▃▄▅▆▇█     100%   3.1 ms     8 ms  21.5 ms  ▁▂▃▄▅▆▇█
    "
  `);
});

test('off a terminal there is a line per service and tick, under one head', () => {
  expect(`\n${[topLineHead, ...topLines(shop, byName)].join('\n')}\n`).toMatchInlineSnapshot(`
    "
    TIME     SERVICE               RPS SUCCESS     P50     P95     P99 INFLIGHT   UP
    12:00:00 orders               12.3     75%   3.1ms     8ms  21.5ms        2  1/2
    12:00:00 web                  12.3    100%   3.1ms     8ms  21.5ms        2  1/1
    "
  `);
});
