import { expect, test } from 'vitest';
import { describeFault, describeShape } from '../../src/config/describe-shape.js';
import { readService } from './read.js';

test.each([
  ['delay: 200ms', 'delay 200ms'],
  [
    'delay: 200ms, jitter: 50ms, percentage: 10%, match: { path: /checkout }',
    'delay 200ms ± 50ms for 10% of path /checkout',
  ],
  ['delay: 200ms, jitter: 50ms, distribution: normal', 'delay 200ms ± 50ms (normal)'],
  ['delay: 200ms, jitter: 1s, distribution: exponential', 'delay 200ms + 1s on average'],
  ['abort: 503, percentage: 5%', 'abort 503 for 5%'],
  ['abort: grpc:14', 'abort grpc:UNAVAILABLE'],
  ['abort: 503, match: { version: v2 }', 'abort 503 for version v2'],
  ['reset: before-head', 'reset before the head'],
  ['reset: 10KiB', 'reset behind 10KiB'],
  ['throttle: 64KiB/s', 'throttle to 64KiB/s'],
  ['slowClose: 2s', 'close 2s late'],
  ['truncate: 1KiB', 'truncate behind 1KiB'],
  ['corrupt: 0.1%, percentage: 5%', 'corrupt 0.1% of the bytes for 5%'],
  ['blackhole: true, match: { caller: anonymous }', 'blackhole for caller anonymous'],
  ['mock: {}', 'mock 200'],
  ['mock: { status: 404, file: a.json }', 'mock 404 from /shop/a.json'],
  [
    'abort: 500, percentage: 1%, match: { method: get, path: /, headers: { A: b, c: d }, version: v1, instance: a-1 }',
    'abort 500 for 1% of path /, method GET, header a: b, c: d, version v1, instance a-1',
  ],
])('the fault { %s } is called `%s`', (text, words) => {
  expect(readService('a', `services: { a: { faults: [{ ${text} }] } }`).faults.map(describeFault)).toEqual([words]);
});

test.each([
  ['rateLimit: { rate: 100/s, burst: 20, by: client }', 'rate limit 100/s, burst 20, per client, delayed up to 2s'],
  [
    'rateLimit: { rate: 1/m, by: header:x-user, excess: reject }',
    'rate limit 1/m, burst 1, per header x-user, rejected beyond',
  ],
  ['concurrency: 50', 'at most 50 at once'],
  ['concurrency: adaptive', 'an adaptive number at once'],
  ['bandwidth: { down: 64KiB/s }', 'down 64KiB/s per exchange'],
  ['bandwidth: { up: 1KiB/s, down: 1MiB/s, per: service }', 'up 1KiB/s, down 1MiB/s per service'],
])('a shape { %s } is called `%s`', (text, words) => {
  const service = readService('a', `services: { a: { ${text} } }`);
  const { rateLimit, concurrency, bandwidth } = service;
  const shape = {
    ...(rateLimit && { rateLimit }),
    ...(concurrency && { concurrency }),
    ...(bandwidth && { bandwidth }),
  };

  expect(describeShape(shape)).toEqual([words]);
});

test('each fault of a shape is called by itself, and none of them too', () => {
  const { faults } = readService('a', 'services: { a: { faults: [{ abort: 503 }, { blackhole: true }] } }');

  expect(describeShape({ faults })).toEqual(['abort 503', 'blackhole']);
  expect(describeShape({ faults: [] })).toEqual(['no faults']);
  expect(describeShape({})).toEqual([]);
});
