import fc from 'fast-check';
import type {
  BandwidthConfig,
  ConcurrencyConfig,
  FaultConfig,
  FaultEffect,
  FaultMatch,
  RateLimitConfig,
  Shape,
} from '../../src/config/shaping-configs.js';

/** Any shape that can be said. Texts hold what a mesh file would read otherwise: variables, and what YAML quotes. */

const text = fc.string({ unit: fc.constantFrom('a', 'B', '0', ' ', '"', ':', '$', '{', '}', '\n', '#', '☂') });
const token = fc.string({ unit: fc.constantFrom('a', 'b', '-', '$', '1', '_'), minLength: 1, maxLength: 5 });
const lowerCase = token.map((name) => `x${name}`);
/** To the microsecond; and such as may not be 0. */
const wait = fc.integer({ min: 1, max: 10_000_000 }).map((microseconds) => microseconds / 1_000);
const bytes = fc.integer({ min: 1, max: 999_999_999 });
const percentage = fc.integer({ min: 0, max: 100_000_000 }).map((millionths) => millionths / 100_000_000);
const fieldValue = fc.string({ unit: fc.constantFrom('a', '$', '{', '}', '"', ':'), maxLength: 8 });
const headers = fc.dictionary(lowerCase, fieldValue, { maxKeys: 2, noNullPrototype: true });
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const rateLimit: fc.Arbitrary<RateLimitConfig> = fc
  .record({
    rate: fc
      .tuple(fc.integer({ min: 1, max: 1_000_000 }), fc.constantFrom(1, 60, 3_600))
      .map(([amount, seconds]) => amount / 1_000 / seconds),
    burst: fc.integer({ min: 1, max: 1_000 }),
    by: fc.oneof(
      fc.record({ kind: fc.constantFrom('service', 'client', 'caller') }),
      fc.record({ kind: fc.constant('header'), name: lowerCase }),
      fc.record({ kind: fc.constant('cookie'), name: token }),
    ),
    excess: fc.constantFrom('delay', 'reject'),
    maxDelay: wait,
  })
  .map((limit) => ({ ...limit, maxDelay: limit.excess === 'reject' ? 0 : limit.maxDelay }));

const concurrency: fc.Arbitrary<ConcurrencyConfig> = fc.record({
  limit: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constant('adaptive' as const)),
  queue: fc.nat({ max: 1_000 }),
  maxWait: wait,
  priorityHeader: maybe(lowerCase),
});

const bandwidth: fc.Arbitrary<BandwidthConfig> = fc
  .record({ up: maybe(bytes), down: maybe(bytes), per: fc.constantFrom('exchange', 'service') })
  .filter(({ up, down }) => up !== undefined || down !== undefined);

const delay: fc.Arbitrary<FaultEffect> = fc
  .record({
    kind: fc.constant('delay'),
    time: wait,
    jitter: wait,
    distribution: fc.constantFrom('uniform', 'normal', 'exponential'),
  })
  .map((drawn) =>
    drawn.distribution === 'uniform' ? { ...drawn, jitter: Math.min(drawn.time, drawn.jitter) } : drawn,
  );

const mock: fc.Arbitrary<FaultEffect> = fc.record({
  kind: fc.constant('mock'),
  answer: fc.record({
    status: fc.constantFrom(200, 404, 599),
    headers,
    body: fc.oneof(
      fc.record({ kind: fc.constant('text'), text }),
      fc.record({ kind: fc.constant('file'), file: token.map((name) => `/shop/${name}/${name}.json`) }),
    ),
  }),
});

const effect: fc.Arbitrary<FaultEffect> = fc.oneof(
  delay,
  mock,
  fc.record({ kind: fc.constant('abort'), status: fc.integer({ min: 200, max: 599 }) }),
  fc.record({ kind: fc.constant('grpc-abort'), grpcStatus: fc.integer({ min: 0, max: 16 }) }),
  fc.record({ kind: fc.constant('reset'), after: maybe(fc.nat({ max: 999_999_999 })) }),
  fc.record({ kind: fc.constant('throttle'), rate: bytes }),
  fc.record({ kind: fc.constant('slow-close'), time: wait }),
  fc.record({ kind: fc.constant('truncate'), after: fc.nat({ max: 999_999_999 }) }),
  fc.record({ kind: fc.constant('corrupt'), share: percentage }),
  fc.record({ kind: fc.constant('blackhole') }),
);

const match: fc.Arbitrary<FaultMatch> = fc.record({
  path: maybe(fc.constantFrom('/', '/pay', '/a/$$b')),
  method: maybe(fc.constantFrom('GET', 'PO$$T')),
  headers,
  caller: maybe(fc.constantFrom('a', 'anonymous')),
  version: maybe(fc.constantFrom('v2', '1.10')),
  instance: maybe(fc.constantFrom('a-1', '[::1]:80')),
});

const fault: fc.Arbitrary<FaultConfig> = fc.record({ effect, percentage, match });

/** For a file in `/shop` with a service `a`. */
export const anyShape: fc.Arbitrary<Shape> = fc
  .record({ rateLimit, concurrency, bandwidth, faults: fc.array(fault, { maxLength: 3 }) }, { requiredKeys: [] })
  .filter((shape) => Object.keys(shape).length > 0);
