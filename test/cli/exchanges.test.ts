import { expect, test } from 'vitest';
import type { ExchangeView } from '../../src/admin/exchanges-wire.js';
import { filterOf } from '../../src/cli/commands/tail.js';
import { renderExchange } from '../../src/cli/render/exchange.js';
import { renderStory } from '../../src/cli/render/explain.js';
import { createPaint } from '../../src/cli/render/paint.js';
import { exchangeView } from '../support/views.js';

const plain = createPaint(0);

const failed = {
  instance: 'orders-2',
  version: null,
  begun: 0,
  duration: 4,
  status: null,
  code: 'upstream_reset',
  message: 'it closed',
};

test.each<[string, Partial<ExchangeView>, RegExp]>([
  ['an ordinary one', {}, /^\d\d:\d\d:\d\d\.\d{3} {2}200 {3}45\.5 ms {2}orders {2}GET \/x\?y=1 {2}abc$/],
  ['one with a caller', { caller: 'web' }, / {2}web → orders {2}/],
  [
    'a refusal',
    { outcome: 'refused', status: 404, code: 'no_route', service: null },
    / {2}404 .* \(no service\) .* no_route {2}abc$/,
  ],
  ['one that was cut', { outcome: 'cut' }, / {2}cut {2}abc$/],
  ['one whose client left', { outcome: 'abandoned', status: null }, / {2}left {2}/],
  ['one that was tried twice', { attempts: [failed, failed] }, / {2}2 attempts {2}/],
  [
    'one that waited',
    {
      waits: [
        { kind: 'rate-limit', duration: 400 },
        { kind: 'backoff', duration: 100 },
      ],
    },
    / {2}waited 500 ms {2}/,
  ],
  ['one that met a fault twice', { faults: ['abort 503', 'abort 503'] }, / {2}fault: abort 503 ×2 {2}/],
  ['a tunnel', { tunnel: true, status: 101 }, / {2}101 .* tunnel {2}/],
])('%s is told in a line', (_, changes, line) => {
  expect(renderExchange(exchangeView(changes), plain)).toMatch(line);
});

test('the story of an exchange shows each stretch of its time where it lies', () => {
  const story = renderStory(
    exchangeView({
      duration: 100,
      route: '/x',
      caller: 'web',
      waits: [{ kind: 'rate-limit', duration: 50 }],
      attempts: [
        { ...failed, begun: 50, duration: 10 },
        { instance: 'orders-1', version: 'v2', begun: 60, duration: 30, status: 200, code: null, message: null },
      ],
      faults: ['delay 200ms'],
    }),
    plain,
  );
  expect(story.split('\n').slice(2)).toEqual([
    '  service  orders',
    '  route    /x',
    '  caller   web',
    '  bytes    0 of the request, 2 of the answer',
    '  fault    delay 200ms',
    '  id       abc',
    '  trace    4bf92f3577b34da6a3ce929d0e0e4736',
    '',
    `  waited under the rate limit  ${'█'.repeat(20)}${' '.repeat(20)}     50 ms`,
    `  attempt 1 orders-2           ${' '.repeat(20)}${'█'.repeat(4)}${' '.repeat(16)}     10 ms  upstream_reset: it closed`,
    `  attempt 2 orders-1           ${' '.repeat(24)}${'█'.repeat(12)}${' '.repeat(4)}     30 ms  200`,
    `  body to the client           ${' '.repeat(36)}${'█'.repeat(4)}     10 ms`,
  ]);
  expect(story).toContain('GET http://orders.localhost:8080/x?y=1  200 from the service');
});

test('where no instance was asked, the story says so', () => {
  const story = renderStory(
    exchangeView({ outcome: 'refused', status: 404, code: 'no_route', service: null, attempts: [] }),
    plain,
  );
  expect(story).toContain('404 from the mesh: no_route');
  expect(story).toContain('route    none matched');
  expect(story).toContain('No instance was asked.');
});

test('nothing from outside reaches the terminal as it is', () => {
  const evil = 'x\u001b]0;owned\u0007\u001b[2J\u202e\r';
  const exchange = exchangeView({
    id: evil,
    service: evil,
    version: evil,
    route: evil,
    caller: evil,
    client: evil,
    method: evil,
    authority: evil,
    target: evil,
    code: evil,
    faults: [evil],
    attempts: [{ ...failed, instance: evil, code: evil, message: evil }],
  });
  for (const text of [
    renderExchange(exchange, plain),
    renderStory(exchange, plain),
    renderStory({ ...exchange, outcome: 'refused' }, plain),
  ])
    for (const control of ['\u001b', '\u0007', '\u202e', '\r']) expect(text).not.toContain(control);
});

test.each([
  [{ status: '5xx' }, [503, 500], [200, 404, null]],
  [{ status: '404,5XX' }, [404, 500], [400, 200]],
  [{ status: '503' }, [503], [500]],
])('%j lets %j through, and not %j', (options, passes, fails) => {
  const isWanted = filterOf(options);
  for (const status of passes) expect(isWanted(exchangeView({ status })), String(status)).toBe(true);
  for (const status of fails) expect(isWanted(exchangeView({ status })), String(status)).toBe(false);
});

test('paths and times are filtered, and all of it must be so', () => {
  const isWanted = filterOf({ path: '/x', slow: '40ms', status: '2xx' });
  expect(isWanted(exchangeView())).toBe(true);
  expect(isWanted(exchangeView({ target: '/y' }))).toBe(false);
  expect(isWanted(exchangeView({ duration: 39 }))).toBe(false);
});

test.each([{ status: 'abc' }, { status: '6xx' }, { status: '' }, { slow: 'soon' }])(
  '%j is a usage error',
  (options) => {
    expect(() => filterOf(options)).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);
