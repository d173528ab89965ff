import { expect, test } from 'vitest';
import { compose } from '../../src/exchange/compose.js';
import type { Layer } from '../../src/exchange/layer.js';
import type { Outcome } from '../../src/exchange/outcome.js';
import { MeshError } from '../../src/foundation/errors.js';
import { Fields } from '../../src/http1/fields.js';
import { exchangeOf } from '../support/exchange.js';

test('only the first reason of an abort counts', () => {
  const exchange = exchangeOf();
  const reasons: string[] = [];
  exchange.onAbort(({ code }) => reasons.push(code));

  exchange.abort(new MeshError('request_timeout'));
  exchange.abort(new MeshError('client_gone'));

  expect(reasons).toEqual(['request_timeout']);
  expect(exchange.abortedBy?.code).toBe('request_timeout');
});

test('who listens after the abort hears of it at once, who has taken it back does not', () => {
  const exchange = exchangeOf();
  const heard: string[] = [];
  const forgotten = () => heard.push('forgotten');
  exchange.onAbort(forgotten);
  exchange.offAbort(forgotten);
  exchange.abort(new MeshError('client_gone'));
  exchange.onAbort(() => heard.push('late'));

  expect(heard).toEqual(['late']);
});

test('of several who listen, one may take itself back', () => {
  const exchange = exchangeOf();
  const heard: number[] = [];
  const listeners = [1, 2, 3].map((each) => () => void heard.push(each));
  for (const listener of listeners) exchange.onAbort(listener);
  for (const listener of listeners.slice(1, 2)) exchange.offAbort(listener);

  exchange.abort(new MeshError('client_gone'));

  expect(heard).toEqual([1, 3]);
});

test('who takes back itself or another while all hear of it keeps nobody from hearing', () => {
  const exchange = exchangeOf();
  const heard: string[] = [];
  const first = () => {
    heard.push('first');
    exchange.offAttemptAbort(first);
    exchange.offAttemptAbort(second);
  };
  const second = () => void heard.push('second');
  const third = () => void heard.push('third');
  for (const listener of [first, second, third]) exchange.onAttemptAbort(listener);

  exchange.abortAttempt(new MeshError('per_try_timeout'));
  exchange.abortAttempt(new MeshError('per_try_timeout'));

  expect(heard).toEqual(['first', 'second', 'third']);
});

test('all listeners hear of the end, in the order in which they came', () => {
  const exchange = exchangeOf();
  const heard: number[] = [];
  for (const each of [1, 2, 3, 4]) exchange.onFinish((_, ended) => heard.push(ended === exchange ? each : 0));

  exchange.finish({ kind: 'answered', status: 200 });

  expect(heard).toEqual([1, 2, 3, 4]);
});

test('an exchange finishes once, and cannot be aborted afterwards', () => {
  const exchange = exchangeOf();
  const outcomes: Outcome[] = [];
  exchange.onFinish((outcome) => outcomes.push(outcome));

  exchange.finish({ kind: 'answered', status: 200 });
  exchange.finish({ kind: 'abandoned' });
  exchange.abort(new MeshError('client_gone'));

  expect(outcomes).toEqual([{ kind: 'answered', status: 200 }]);
  expect(exchange.abortedBy).toBeUndefined();
});

test('the caller is known on its door alone', () => {
  expect(exchangeOf().caller).toBeUndefined();
  expect(exchangeOf({}, { kind: 'service', service: 'orders' }).caller).toBeUndefined();
  expect(exchangeOf({}, { kind: 'caller', caller: 'web', service: 'orders' }).caller).toBe('web');
});

test('interim answers reach who listens', () => {
  const exchange = exchangeOf();
  const statuses: number[] = [];
  exchange.interimSink = { inform: ({ status }) => statuses.push(status) };
  exchange.inform({ status: 100, reason: 'Continue', fields: new Fields() });
  expect(statuses).toEqual([100]);
});

test('layers run outermost first, and come back in reverse', async () => {
  const order: string[] = [];
  const named =
    (name: string): Layer =>
    async (exchange, next) => {
      order.push(`${name} in`);
      await next(exchange);
      order.push(`${name} out`);
    };

  await compose([named('a'), named('b'), named('c')])(exchangeOf());

  expect(order).toEqual(['a in', 'b in', 'c in', 'c out', 'b out', 'a out']);
});

test('a layer may call the next again', async () => {
  let tries = 0;
  const again: Layer = async (exchange, next) => {
    await next(exchange).catch(() => {});
    await next(exchange);
  };
  const failsOnce: Layer = async () => {
    tries += 1;
    if (tries === 1) throw new MeshError('upstream_reset');
  };

  await compose([again, failsOnce])(exchangeOf());

  expect(tries).toBe(2);
});

test('what the innermost layer throws reaches the outermost', async () => {
  const passes: Layer = (exchange, next) => next(exchange);
  const fails: Layer = async () => {
    throw new MeshError('no_route');
  };
  await expect(compose([passes, passes, fails])(exchangeOf())).rejects.toMatchObject({ code: 'no_route' });
});
