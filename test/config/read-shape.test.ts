import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readShape } from '../../src/config/read-shape.js';
import { shapeText } from '../../src/config/shaping-text.js';
import { anyShape } from './shapes.js';

test('what is said at run time is read as the mesh file would, against its folder', () => {
  const value = {
    rateLimit: '100/s',
    concurrency: { limit: 'adaptive', queue: 0 },
    bandwidth: { down: '64KiB/s' },
    faults: [{ delay: '200ms', percentage: 10 }, { mock: { file: 'a.json', headers: { a: '1' } } }],
  };

  expect(readShape(value, '/shop')).toMatchObject({
    kind: 'shape',
    shape: {
      rateLimit: { rate: 100, burst: 1, by: { kind: 'service' } },
      concurrency: { limit: 'adaptive', queue: 0, maxWait: 1_000 },
      bandwidth: { up: undefined, down: 65_536, per: 'exchange' },
      faults: [
        { effect: { kind: 'delay', time: 200 }, percentage: 0.1 },
        { effect: { kind: 'mock', answer: { body: { kind: 'file', file: '/shop/a.json' } } }, percentage: 1 },
      ],
    },
  });
});

test.each([
  [{ rateLimit: '1/s' }, ['rateLimit']],
  [{ faults: [] }, ['faults']],
  [{ bandwidth: { up: '1B/s' }, 'x-note': 'mine' }, ['bandwidth']],
])('of %j only what is said is there', (value, keys) => {
  const reading = readShape(value, '/shop');

  expect(reading.kind === 'shape' && Object.keys(reading.shape)).toEqual(keys);
});

test('nothing is read from the environment, and a caller may be one that comes later', () => {
  const fault = { mock: { body: 'a $' }, match: { caller: 'not-there-yet' } };

  expect(readShape({ faults: [fault] }, '/shop')).toMatchObject({
    shape: { faults: [{ effect: { answer: { body: { text: 'a $' } } }, match: { caller: 'not-there-yet' } }] },
  });
});

test.each<[unknown, ...string[]]>([
  ['fast', 'expected a mapping with keys such as `rateLimit` and `concurrency`'],
  [undefined, 'expected a mapping with keys such as `rateLimit` and `concurrency`'],
  [{}, 'one of `rateLimit`, `concurrency`, `bandwidth`, `faults` is needed here'],
  [{ fault: {}, faults: [] }, 'fault: unknown key; did you mean `faults`?'],
  [
    { retries: 2, faults: [] },
    'retries: unknown key; the keys here are `rateLimit`, `concurrency`, `bandwidth`, `faults`',
  ],
  [{ faults: {} }, 'faults: expected a list of faults, such as `[{ delay: 300ms, percentage: 10% }]`'],
  [{ rateLimit: false }, 'rateLimit: expected a rate such as `100/s`, or a mapping with `rate`'],
  [{ rateLimit: 100 }, 'rateLimit: expected a rate such as `100/s`, `30/m` or `0.5/s`; did you mean `100/s`?'],
  [{ rateLimit: {} }, 'rateLimit.rate: expected a rate such as `100/s`, `30/m` or `0.5/s`'],
  [{ rateLimit: { rate: '1/s', brust: 1 } }, 'rateLimit.brust: unknown key; did you mean `burst`?'],
  [{ concurrency: { limit: 0 } }, 'concurrency.limit: expected a whole number from 1 to 1000000, or `adaptive`'],
  [{ concurrency: 'x' }, 'concurrency: expected a number such as `50`, `adaptive`, or a mapping with `limit`'],
  [{ bandwidth: {} }, 'bandwidth: `up`, `down` or both are needed here'],
  [
    { faults: [{ delay: 'soon', percentage: 0.5 }, { abort: 1 }] },
    'faults[0].delay: expected a duration such as `250ms`, `5s` or `1m30s` (or 0)',
    'faults[0].percentage: expected a percentage from 0% to 100%; write 50% (or 0.5%)',
    'faults[1].abort: expected a status from 200 to 599, or one of gRPC such as `grpc:UNAVAILABLE` or `grpc:14`',
  ],
  [{ faults: [{ delay: '1s', abort: 503 }] }, 'faults[0].abort: either `delay` or `abort`, not both'],
  [{ faults: [{ mock: { body: 'a', file: 'b' } }] }, 'faults[0].mock.file: either `body` or `file`, not both'],
])('%j is told as it is wrong', (value, ...problems) => {
  expect(readShape(value, '/shop')).toEqual({ kind: 'invalid', problems });
});

test('a shape without variables, written as the mesh file would, is read as the same shape', () => {
  fc.assert(
    fc.property(anyShape, (shape) => {
      const text = shapeText(shape);
      fc.pre(!JSON.stringify(text).includes('$'));

      expect(readShape(JSON.parse(JSON.stringify(text)), '/elsewhere')).toEqual({ kind: 'shape', shape });
    }),
  );
});

test('files are written so that they hold in any folder', () => {
  const reading = readShape({ faults: [{ mock: { file: 'a.json' } }] }, '/shop');

  expect(reading.kind === 'shape' && shapeText(reading.shape)).toEqual({
    faults: [{ mock: { status: 200, file: '/shop/a.json' }, percentage: '100%' }],
  });
});
