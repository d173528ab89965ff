import { expect, test } from 'vitest';
import type { ChoiceView, ExchangeView } from '../../src/admin/exchanges-wire.js';
import { renderExchange } from '../../src/cli/render/exchange.js';
import { renderStory } from '../../src/cli/render/explain.js';
import { createPaint } from '../../src/cli/render/paint.js';
import { exchangeView, storyView } from '../support/views.js';

const plain = createPaint(0);

const answered = {
  instance: 'orders-1',
  version: 'v2',
  begun: 5,
  duration: 40,
  status: 200,
  code: null,
  message: null,
  choice: null,
  circuit: null,
};

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
    storyView({
      duration: 100,
      route: '/x',
      foundBy: 'route',
      conditions: ['path /x'],
      caller: 'web',
      waits: [{ kind: 'rate-limit', duration: 50 }],
      attempts: [
        { ...failed, begun: 50, duration: 10, choice: null, circuit: null },
        { ...answered, begun: 60, duration: 30 },
      ],
      faults: ['delay 200ms'],
    }),
    plain,
  );
  expect(story.split('\n').slice(2)).toEqual([
    '  service  orders',
    '  route    /x, for path /x',
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

const choice: ChoiceView = {
  candidates: 3,
  leftOut: [],
  moreLeftOut: 0,
  panicking: false,
  inSpiteOf: null,
  by: 'turn',
  scores: [],
  hash: null,
};

test('the story tells of each attempt who there was, what decided, and who was not asked', () => {
  const story = renderStory(
    storyView({
      version: 'v2',
      versionBy: 'split',
      attempts: [
        {
          ...answered,
          choice: {
            ...choice,
            by: 'requests',
            scores: [
              { instance: 'orders-1', score: 0.5 },
              { instance: 'orders-2', score: 2 },
            ],
            leftOut: [
              { instance: 'orders-4', because: 'ejected', detail: '5 failures in a row' },
              { instance: 'orders-5', because: 'other-version', detail: 'v1' },
              { instance: 'orders-3', because: 'circuit-open', detail: null },
            ],
          },
          circuit: { state: 'closed', failures: 1, requests: 12 },
        },
      ],
      passedOver: [
        { instance: 'orders-3', attempts: 0, circuit: { state: 'open', remaining: 3_200, because: 'a failure' } },
      ],
    }),
    plain,
  );
  expect(story).toContain('  service  orders v2, by the split\n  route    found by its name, orders.localhost:8080\n');
  expect(story.split('\n\n').at(-1)?.split('\n')).toEqual([
    '  not asked  orders-3: its circuit was open for another 3.2 s: a failure',
    '  attempt 1  orders-1: the fewest requests under way, drawn of 3 candidates: orders-1 0.5, orders-2 2',
    '             left out: orders-4 (ejected: 5 failures in a row), orders-5 (version v1), orders-3 (its circuit is open)',
    '             the circuit was closed: 1 of 12 requests had failed',
  ]);
});

test.each<[Partial<ChoiceView>, string]>([
  [{}, 'orders-1: its turn, of 3 candidates'],
  [{ by: 'only', candidates: 1 }, 'orders-1: the only candidate'],
  [{ by: 'sticky' }, 'orders-1: the client was given it before, of 3 candidates'],
  [{ by: 'chance' }, 'orders-1: by chance, of 3 candidates'],
  [
    {
      by: 'latency',
      scores: [
        { instance: 'orders-1', score: 1.25 },
        { instance: 'orders-2', score: 5 },
      ],
    },
    'orders-1: expected to answer first, drawn of 3 candidates: orders-1 1.25 ms, orders-2 5 ms',
  ],
  [
    { by: 'hash', hash: { key: 'cookie:user', position: 0xabc } },
    'orders-1: by the hash of `cookie:user`, 00000abc, of 3 candidates',
  ],
  [
    { by: 'hash', hash: { key: 'cookie:user', position: null } },
    'orders-1: by chance, without `cookie:user`, of 3 candidates',
  ],
])('%j is told in words', (changes, words) => {
  const story = renderStory(storyView({ attempts: [{ ...answered, choice: { ...choice, ...changes } }] }), plain);
  expect(story).toContain(`  attempt 1  ${words}`);
});

test('panic is told, and where nobody was left, who there was', () => {
  const story = renderStory(
    storyView({
      attempts: [],
      choice: {
        ...choice,
        candidates: 0,
        by: null,
        panicking: true,
        leftOut: Array.from({ length: 10 }, (_, at) => ({ instance: `i${at}`, because: 'draining', detail: null })),
        moreLeftOut: 5,
      },
    }),
    plain,
  );
  expect(story).toContain('  then  nobody was left to be asked\n');
  expect(story).toContain('panic: so few were healthy that all were candidates');
  expect(story).toContain('i7 (draining), and 7 more');
});

test('where no instance was asked, the story says so', () => {
  const story = renderStory(
    storyView({ outcome: 'refused', status: 404, code: 'no_route', service: null, attempts: [], foundBy: null }),
    plain,
  );
  expect(story).toContain('404 from the mesh: no_route');
  expect(story).toContain('route    none matched');
  expect(story).toContain('No instance was asked.');
});

test('nothing from outside reaches the terminal as it is', () => {
  const evil = 'x\u001b]0;owned\u0007\u001b[2J\u202e\r';
  const exchange = storyView({
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
    foundBy: 'route',
    conditions: [evil],
    attempts: [
      {
        ...failed,
        instance: evil,
        code: evil,
        message: evil,
        choice: {
          ...choice,
          by: 'hash',
          hash: { key: evil, position: 1 },
          inSpiteOf: evil,
          leftOut: [{ instance: evil, because: 'unhealthy', detail: evil }],
        },
        circuit: { state: 'open', remaining: 1, because: evil },
      },
    ],
    choice: { ...choice, by: 'requests', scores: [{ instance: evil, score: 1 }] },
    passedOver: [{ instance: evil, attempts: 0, circuit: { state: 'open', remaining: 1, because: evil } }],
  });
  for (const text of [
    renderExchange(exchange, plain),
    renderStory(exchange, plain),
    renderStory({ ...exchange, outcome: 'refused' }, plain),
  ])
    for (const control of ['\u001b', '\u0007', '\u202e', '\r']) expect(text).not.toContain(control);
});
