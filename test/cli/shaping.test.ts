import { expect, test } from 'vitest';
import { renderService } from '../../src/cli/render/inspect.js';
import { createPaint } from '../../src/cli/render/paint.js';
import { renderServices } from '../../src/cli/render/services.js';
import { renderScenario, renderShape, renderShapes } from '../../src/cli/render/shaping.js';
import { servicesView, shapingView } from '../support/views.js';
import { activeView, blackFriday, shapedView } from './shaping-views.js';

const plain = createPaint(0);
const colored = createPaint(1);
const now = 60_000;

const everything = {
  rateLimit: { words: 'rate limit 100/s, burst 20, per client', waiting: 3, passed: 90, delayed: 7, refused: 2 },
  concurrency: { words: 'an adaptive number at once', limit: 12, underWay: 11, waiting: 4, refused: 1 },
  bandwidth: 'up 64KiB/s, down 1MiB/s per exchange',
  faults: [
    { words: 'delay 200ms for 10%', met: 12 },
    { words: 'abort 503', met: 1 },
    { words: 'blackhole', met: 0 },
  ],
  active: activeView({ words: ['delay 200ms for 10%', 'abort 503'], since: 54_000, until: 84_000 }),
};

test('inspect: all that shapes traffic, what came of it, and who said it until when', () => {
  const text = renderService(shapedView(everything), now, plain);

  expect(text.split('\n').slice(0, 11).join('\n')).toMatchInlineSnapshot(`
    "orders  ready, shaped
      url      http://orders.localhost:8080
      policy   round-robin
      rate     rate limit 100/s, burst 20, per client · 3 waiting · 90 passed at once, 7 delayed, 2 refused in the last 10s
      limit    an adaptive number at once · 11 of 12 under way, 4 waiting, 1 refused in the last 10s
      bytes    up 64KiB/s, down 1MiB/s per exchange
      faults   delay 200ms for 10% · met 12 times
               abort 503 · met once
               blackhole · not met yet
      seed     1
      shaped   delay 200ms for 10% · abort 503 · by ann (mesh shape), 6s ago; ends in 24s"
  `);
});

test('inspect: what does not shape traffic is not mentioned', () => {
  const text = renderService(shapedView({}), now, plain);

  for (const label of ['rate', 'limit', 'bytes', 'faults', 'seed', 'shaped'])
    expect(text).not.toMatch(new RegExp(`^  ${label} `, 'm'));
});

test('shape: a service is shown with the counts of what shapes it', () => {
  expect(renderShape('orders', shapingView(everything), now, plain)).toMatchInlineSnapshot(`
    "orders  delay 200ms for 10% · abort 503 · by ann (mesh shape), 6s ago; ends in 24s
      rate    rate limit 100/s, burst 20, per client · 3 waiting · 90 passed at once, 7 delayed, 2 refused in the last 10s
      limit   an adaptive number at once · 11 of 12 under way, 4 waiting, 1 refused in the last 10s
      bytes   up 64KiB/s, down 1MiB/s per exchange
      faults  delay 200ms for 10% · met 12 times
              abort 503 · met once
              blackhole · not met yet
      seed    1"
  `);
});

test('shape: of a service that the mesh file alone shapes, that is said', () => {
  expect(renderShape('orders', shapingView({ bandwidth: 'up 1KiB/s per exchange' }), now, plain)).toBe(
    'orders is shaped as the mesh file says\n  bytes   up 1KiB/s per exchange',
  );
});

test.each([
  [null, '–'],
  [now - 1, 'now'],
  [now + 300, 'in 1s'],
  [now + 90_400, 'in 1m30s'],
])('shape: one that ends at %s ends %s', (until, words) => {
  const shapes = [{ service: 'orders', ...activeView({ until, since: now }) }];

  expect(renderShapes(shapes, now, plain).split('\n')[1]).toMatch(new RegExp(` 0s ago +${words}$`));
});

test('ls marks a service that somebody shapes, in the colour of what is to be watched', () => {
  const view = servicesView([
    shapedView({ active: activeView() }),
    shapedView({ faults: [{ words: 'abort 503', met: 0 }] }, { name: 'web' }),
  ]);
  expect(renderServices(view, plain, 200)).toMatch(/^SERVICE .*\norders +ready, shaped .*\nweb +ready {2,}/);
  expect(renderServices(view, colored, 200)).toContain('\u001b[33mshaped\u001b[39m');
});

test('what others have said reaches no terminal as it is', () => {
  const evil = '\u001b[2J';
  const active = activeView({ words: [evil], by: evil });
  const shaping = shapingView({
    rateLimit: { ...everything.rateLimit, words: evil },
    concurrency: { ...everything.concurrency, words: evil },
    bandwidth: evil,
    faults: [{ words: evil, met: 0 }],
    active,
  });
  const scenario = blackFriday(null, { name: evil, steps: [{ at: 0, words: [evil] }] });
  const texts = [
    renderShape(evil, shaping, now, plain),
    renderShapes([{ service: evil, ...active }], now, plain),
    renderScenario(scenario, plain),
  ];

  for (const text of texts) {
    expect(text).toContain('\\x1b[2J');
    expect(text).not.toContain('\u001b');
  }
});
