import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RateLimitConfig, RateLimitKey } from '../../../src/config/shaping-configs.js';
import { begun } from '../../../src/exchange/begun.js';
import type { Arrival, Exchange } from '../../../src/exchange/exchange.js';
import { MeshError } from '../../../src/foundation/errors.js';
import { Fields } from '../../../src/http1/fields.js';
import { RateLimiter } from '../../../src/shaping/rate-limit/limiter.js';
import { rateLimit } from '../../../src/shaping/rate-limit/rate-limit.js';
import { exchangeOf } from '../../support/exchange.js';
import { ManualClock } from '../../support/manual-clock.js';
import { configOf, heard } from './arrivals.js';

/** A layer in front of a service that answers at once, and notes whom it was asked by. */
function limited(changes: Partial<RateLimitConfig>, requestTimeout = 15_000) {
  const clock = new ManualClock();
  const config = configOf(changes);
  const limiter = new RateLimiter(config, clock);
  const layer = rateLimit(config, limiter, { clock, requestTimeout });
  const asked: Exchange[] = [];
  const send = (exchange = toOrders()) => ({
    exchange,
    done: begun(() => layer(exchange, async () => void asked.push(exchange)), exchange).catch(
      (thrown: MeshError) => thrown,
    ),
  });
  return { clock, limiter, send, asked };
}

function toOrders(arrival: Arrival = { kind: 'front' }, fields: string[] = []) {
  const exchange = exchangeOf({ fields: new Fields(fields) }, arrival);
  exchange.service = 'orders';
  return exchange;
}

test('those that come too fast are given to the service one by one', async () => {
  const { clock, send, asked } = limited({ rate: 10, burst: 1 });
  const [first, second, third] = [send(), send(), send()];
  await heard();
  expect(asked).toEqual([first.exchange]);

  await clock.elapse(100);
  expect(asked).toEqual([first.exchange, second.exchange]);
  await clock.elapse(100);

  expect(asked).toEqual([first.exchange, second.exchange, third.exchange]);
  expect(await third.done).toBeUndefined();
});

test('what the service threw is thrown', async () => {
  const { limiter } = limited({});
  const failure = new MeshError('upstream_reset');
  const layer = rateLimit(configOf(), limiter, { clock: new ManualClock(), requestTimeout: 0 });

  await expect(layer(toOrders(), () => Promise.reject(failure))).rejects.toBe(failure);
});

test.each([
  { maxDelay: 1_000, requestTimeout: 15_000, queued: 10, told: '1s' },
  { maxDelay: 1_000, requestTimeout: 500, queued: 5, told: '500ms' },
  { maxDelay: 1_000, requestTimeout: 0, queued: 10, told: '1s' },
  { maxDelay: 0, requestTimeout: 15_000, queued: 0, told: '0ms' },
])(
  'with maxDelay $maxDelay and a timeout of $requestTimeout, $queued wait and the next one is refused at once',
  async ({ maxDelay, requestTimeout, queued, told }) => {
    const { limiter, send } = limited({ rate: 10, burst: 1, maxDelay }, requestTimeout);
    for (let count = 0; count <= queued; count++) send();
    expect(limiter.waiting).toBe(queued);

    expect(await send().done).toMatchObject({
      code: 'rate_limited',
      message: `\`orders\` is given 10/s (1 at once) of all its clients together, and this one would wait longer than ${told}`,
    });
  },
);

test.each([
  { rate: 100, burst: 20, policy: 'q=20;w=1', seconds: 1 },
  { rate: 1, burst: 20, policy: 'q=20;w=20', seconds: 1 },
  { rate: 100 / 60, burst: 20, policy: 'q=20;w=12', seconds: 1 },
  { rate: 11 / 60, burst: 11, policy: 'q=11;w=60', seconds: 6 },
  { rate: 0.3, burst: 1, policy: 'q=1;w=4', seconds: 4 },
  { rate: 1 / 3_600, burst: 1, policy: 'q=1;w=3600', seconds: 3_600 },
])(
  'at $rate per second and a burst of $burst, a refusal says $policy, and when to come again',
  async ({ rate, burst, policy, seconds }) => {
    const { send } = limited({ rate, burst, excess: 'reject' });
    for (let count = 0; count < burst; count++) send();

    expect(await send().done).toMatchObject({
      code: 'rate_limited',
      status: 429,
      retryAfter: seconds * 1_000,
      fields: [
        'RateLimit-Policy',
        `"default";${policy}`,
        'RateLimit',
        `"default";r=0;t=${seconds}`,
        'X-RateLimit-Limit',
        `${burst}`,
        'X-RateLimit-Remaining',
        '0',
        'X-RateLimit-Reset',
        `${seconds}`,
      ],
    });
  },
);

test('a client that sends no more than q in any w seconds is never refused, however it spreads its requests', () => {
  const [quota, window] = [2, 7_000]; // what the fields say of this limit
  const limit = configOf({ rate: 0.3, burst: 2, excess: 'reject' });
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 10_000 })), { maxLength: 50, size: 'max' });
  const property = fc.property(gaps, (gaps) => {
    const clock = new ManualClock();
    const limiter = new RateLimiter(limit, clock);
    const sent: number[] = [];
    for (const gap of gaps) {
      const earliest = (sent.at(-quota) ?? -window) + window;
      clock.advance(Math.max(gap, earliest - clock.monotonic()));
      sent.push(clock.monotonic());
      expect(limiter.take('', 0).kind).toBe('passed');
    }
  });
  fc.assert(property, { seed: 4, numRuns: 200 });
});

test.each([
  { rate: 1, pace: '1/s' },
  { rate: 0.5, pace: '0.5/s' },
  { rate: 100 / 60, pace: '100/m' },
  { rate: 1 / 60, pace: '1/m' },
  { rate: 7 / 3_600, pace: '7/h' },
  { rate: 1 / 3_600, pace: '1/h' },
  { rate: 0.0001, pace: '0.006/m' },
])('a rate of $rate is called $pace', async ({ rate, pace }) => {
  const { send } = limited({ rate, burst: 1, excess: 'reject' });
  send();

  expect(await send().done).toMatchObject({
    message: `\`orders\` is given ${pace} (1 at once) of all its clients together, and this is one too many`,
  });
});

const door: Arrival = { kind: 'caller', caller: 'web', service: 'orders' };

const keys: ReadonlyArray<{ readonly by: RateLimitKey; readonly whose: string; readonly arrival?: Arrival }> = [
  { by: { kind: 'client' }, whose: 'of each client address (this is 127.0.0.1)' },
  { by: { kind: 'caller' }, whose: 'of each calling service (this is `web`)', arrival: door },
  { by: { kind: 'caller' }, whose: 'of each calling service (this is none that the mesh knows)' },
  { by: { kind: 'header', name: 'authorization' }, whose: 'with the same value of the header `authorization`' },
  { by: { kind: 'cookie', name: 'session' }, whose: 'with the same value of the cookie `session`' },
];

test.each(keys)('counted by $by, a refusal says that it is $whose, and no secret', async ({ by, whose, arrival }) => {
  const { send } = limited({ rate: 100, burst: 1, excess: 'reject', by });
  const secret = () => toOrders(arrival, ['Authorization', 'hush', 'Cookie', 'session=hush']);
  send(secret());

  expect(await send(secret()).done).toMatchObject({
    message: `\`orders\` is given 100/s (1 at once) ${whose}, and this is one too many`,
  });
});

test.each(['client_gone', 'request_timeout'] as const)(
  'an exchange that ends with %s while it waits leaves the line, and the service is not asked',
  async (code) => {
    const { clock, limiter, send, asked } = limited({ rate: 10, burst: 1 });
    const [, second, third] = [send(), send(), send()];
    const reason = new MeshError(code);

    second.exchange.abort(reason);
    expect(limiter.waiting).toBe(1);
    expect(await second.done).toBe(reason);
    await clock.elapse(100);

    expect(asked).not.toContain(second.exchange);
    expect(asked).toContain(third.exchange);
  },
);

test('an exchange that ends in the moment in which its turn comes is not given to the service', async () => {
  const { clock, send, asked } = limited({ rate: 10, burst: 1 });
  const [, second] = [send(), send()];
  const reason = new MeshError('request_timeout');

  clock.advance(100);
  second.exchange.abort(reason);

  expect(await second.done).toBe(reason);
  expect(asked).not.toContain(second.exchange);
});

test('what ends an exchange after its turn has nothing to do with the line', async () => {
  const { clock, limiter, send } = limited({ rate: 10, burst: 1 });
  const [, second] = [send(), send(), send()];
  await clock.elapse(100);

  second.exchange.abort(new MeshError('request_timeout'));

  expect(await second.done).toBeUndefined();
  expect(limiter.waiting).toBe(1);
});
