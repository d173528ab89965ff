import { expect, test } from 'vitest';
import { clip, frameDifference } from '../../src/cli/render/frame.js';
import { createPaint } from '../../src/cli/render/paint.js';
import { renderTop, topLineHead, topLines } from '../../src/cli/render/top.js';
import { servicesView, serviceView, workerView } from '../support/views.js';

const plain = createPaint(0);
const noon = new Date(2026, 0, 1, 12, 0, 0).getTime();
const shop = servicesView([serviceView({ name: 'web' }), serviceView(), workerView()]);

test('the screen of top: a summary, a line per service, and how to leave', () => {
  expect(`\n${renderTop(shop, noon, { columns: 100, rows: 24 }, plain).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    shop · 3 services · 24.7 requests/s · success 100% · 12:00:00

    SERVICE   STATE     UP   RPS  SUCCESS     P50   P95      P99  IN FLIGHT
    web       ready    1/1  12.3     100%  3.1 ms  8 ms  21.5 ms          2
    orders    ready    1/1  12.3     100%  3.1 ms  8 ms  21.5 ms          2
    shoppers  running

    q quits
    "
  `);
});

test('a small screen is never overrun, and says what it hides', () => {
  const many = servicesView(Array.from({ length: 30 }, (_, index) => serviceView({ name: `service-${index}` })));

  const frame = renderTop(many, noon, { columns: 40, rows: 10 }, plain);

  expect(frame).toHaveLength(10);
  expect(frame.every((line) => [...line].length <= 40)).toBe(true);
  expect(frame.at(-3)).toBe('… 26 more');
});

test('a screen of five rows has no air, and still shows what it can', () => {
  const frame = renderTop(shop, noon, { columns: 100, rows: 5 }, plain);
  expect(frame.map((line) => line.split(' ')[0])).toEqual(['shop', 'SERVICE', 'web', 'orders', 'shoppers']);
});

test('off a terminal there is a line per service and tick, under one head', () => {
  expect(`\n${[topLineHead, ...topLines(shop, noon)].join('\n')}\n`).toMatchInlineSnapshot(`
    "
    TIME     SERVICE                   RPS  SUCCESS        P50        P95        P99  INFLIGHT      UP
    12:00:00 web                      12.3     100%      3.1ms        8ms     21.5ms         2     1/1
    12:00:00 orders                   12.3     100%      3.1ms        8ms     21.5ms         2     1/1
    "
  `);
});

test('only the rows that changed are written', () => {
  expect(frameDifference(['a', 'b', 'c'], ['a', 'B', 'c'])).toBe('\u001b[2;1HB\u001b[K');
  expect(frameDifference(['a'], ['a'])).toBe('');
  expect(frameDifference([], ['a', 'b'])).toBe('\u001b[1;1Ha\u001b[K\u001b[2;1Hb\u001b[K');
  expect(frameDifference(['a', 'b', 'c'], ['a'])).toBe('\u001b[2;1H\u001b[J');
});

test('a line is cut to the width of the screen, with its colours closed', () => {
  expect(clip('\u001b[31mred\u001b[39m and more', 5)).toBe('\u001b[31mred\u001b[39m a\u001b[0m');
  expect(clip('short', 5)).toBe('short');
  expect(clip('longer', 5)).toBe('longe');
});
