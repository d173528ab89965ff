import { expect, test } from 'vitest';
import type { ConcurrencyConfig } from '../../../src/config/shaping-configs.js';
import { begun } from '../../../src/exchange/begun.js';
import { Body } from '../../../src/exchange/body.js';
import { compose } from '../../../src/exchange/compose.js';
import type { Exchange } from '../../../src/exchange/exchange.js';
import type { Layer } from '../../../src/exchange/layer.js';
import type { ErrorCode } from '../../../src/foundation/errors.js';
import { MeshError } from '../../../src/foundation/errors.js';
import { seededRandom } from '../../../src/foundation/random.js';
import { Fields } from '../../../src/http1/fields.js';
import { concurrency } from '../../../src/shaping/concurrency/concurrency.js';
import type { Slot } from '../../../src/shaping/concurrency/limiter.js';
import { ConcurrencyLimiter } from '../../../src/shaping/concurrency/limiter.js';
import { priorityFrom } from '../../../src/shaping/concurrency/priority.js';
import { exchangeOf } from '../../support/exchange.js';
import { ManualClock } from '../../support/manual-clock.js';

type Given = Parameters<Slot['sample']>[0];

/** A limiter that remembers what it was told of the service. */
class Watched extends ConcurrencyLimiter {
  readonly samples: Given[] = [];

  override take(priority: Parameters<ConcurrencyLimiter['take']>[0]) {
    const admission = super.take(priority);
    if (admission.kind !== 'taken') return admission;
    return {
      kind: admission.kind,
      isSampled: admission.isSampled,
      sample: (sample: Given) => void this.samples.push(sample),
      answered: () => admission.answered(),
      release: () => admission.release(),
    };
  }
}

function serviceOf(changes: Partial<ConcurrencyConfig> = {}) {
  const clock = new ManualClock();
  const config = { limit: 1, queue: 1, maxWait: 1_000, priorityHeader: undefined, ...changes };
  const limiter = new Watched(config, { clock, random: seededRandom(1) });
  return { clock, limiter, layer: concurrency(limiter, clock, () => 'normal') };
}

function toOrders(changes: Parameters<typeof exchangeOf>[0] = {}) {
  const exchange = exchangeOf(changes);
  exchange.service = 'orders';
  return exchange;
}

/** Answers after `ms` with a head whose body stays open until the test ends it. */
function answering(clock: ManualClock, ms: number, status = 200) {
  const body = new Body(undefined);
  const layer: Layer = (exchange) =>
    new Promise((resolve) => {
      clock.after(ms, () => {
        exchange.response = { status, reason: '', fields: new Fields(), body };
        resolve();
      });
    });
  return { layer, body };
}

const failing =
  (code: ErrorCode): Layer =>
  async () => {
    throw new MeshError(code);
  };

/** Takes the one slot, and keeps it until it is answered. */
async function occupy(layer: Layer, clock: ManualClock) {
  const { layer: service, body } = answering(clock, 0);
  const done = compose([layer, service])(toOrders());
  await clock.elapse(0);
  await done;
  return () => body.end(new Fields());
}

test.each<[ConcurrencyConfig['limit'], number]>([
  [1, 1],
  ['adaptive', 0],
])('under a limit of %s, %i are under way between the head of the answer and its end', async (limit, underWay) => {
  const { clock, limiter, layer } = serviceOf({ limit });
  const { layer: service, body } = answering(clock, 30);
  const done = compose([layer, service])(toOrders());

  await clock.elapse(29);
  expect(limiter.underWay).toBe(1);
  await clock.elapse(1);
  await done;
  await clock.elapse(500);
  expect(limiter.underWay).toBe(underWay);
  body.end(new Fields());

  expect(limiter.underWay).toBe(0);
  expect(limiter.samples).toEqual(limit === 'adaptive' ? [{ wasDropped: false, rttMs: 30 }] : []);
});

test.each([
  { status: 200, wasDropped: false },
  { status: 404, wasDropped: false },
  { status: 500, wasDropped: false },
  { status: 429, wasDropped: true },
  { status: 503, wasDropped: true },
])('an answer of $status counts as dropped: $wasDropped', async ({ status, wasDropped }) => {
  const { clock, limiter, layer } = serviceOf({ limit: 'adaptive' });
  const done = compose([layer, answering(clock, 30, status).layer])(toOrders());

  await clock.elapse(30);
  await done;

  expect(limiter.samples).toEqual([{ wasDropped, rttMs: 30 }]);
});

test.each<{ code: ErrorCode; samples: readonly Given[] }>([
  { code: 'request_timeout', samples: [{ wasDropped: true, rttMs: 0 }] },
  { code: 'per_try_timeout', samples: [{ wasDropped: true, rttMs: 0 }] },
  { code: 'connect_timeout', samples: [{ wasDropped: true, rttMs: 0 }] },
  { code: 'client_gone', samples: [] },
  { code: 'connect_failed', samples: [] },
  { code: 'circuit_open', samples: [] },
])('a failure by $code gives the slot back at once, and the samples $samples', async ({ code, samples }) => {
  const { limiter, layer } = serviceOf({ limit: 'adaptive' });

  await expect(compose([layer, failing(code)])(toOrders())).rejects.toMatchObject({ code });

  expect(limiter.underWay).toBe(0);
  expect(limiter.samples).toEqual(samples);
});

test.each<[ConcurrencyConfig['limit'], number]>([
  [1, 1],
  ['adaptive', 0],
])(
  'under a limit of %s, an upgrade is %i under way while its tunnel is open, and gives no sample',
  async (limit, underWay) => {
    const { limiter, layer } = serviceOf({ limit });
    const exchange = toOrders();

    await compose([layer, async () => {}])(exchange);
    expect(limiter.underWay).toBe(underWay);
    exchange.finish({ kind: 'answered', status: 101 });

    expect(limiter.underWay).toBe(0);
    expect(limiter.samples).toEqual([]);
  },
);

test('the time that a client takes to send its request is none of the service', async () => {
  const { clock, limiter, layer } = serviceOf({ limit: 'adaptive' });
  const upload = new Body(undefined);
  const done = compose([layer, answering(clock, 130).layer])(toOrders({ body: upload }));

  await clock.elapse(100);
  upload.discard();
  upload.end(new Fields());
  await clock.elapse(30);
  await done;

  expect(limiter.samples).toEqual([{ wasDropped: false, rttMs: 30 }]);
});

test('one too many waits for its turn', async () => {
  const { clock, layer } = serviceOf();
  const end = await occupy(layer, clock);
  const reached: Exchange[] = [];
  const exchange = toOrders();
  const done = compose([layer, async (each) => void reached.push(each)])(exchange);

  await clock.elapse(999);
  expect(reached).toEqual([]);
  end();
  await done;

  expect(reached).toEqual([exchange]);
});

test('who finds the queue full is refused, and told when to come again', async () => {
  const { clock, layer } = serviceOf({ queue: 0 });
  await occupy(layer, clock);

  await expect(begun(compose([layer]), toOrders())).rejects.toMatchObject({
    code: 'overloaded',
    status: 503,
    retryAfter: 1_000,
    message: '`orders` has 1 requests under way, with a limit of 1, and 0 waiting',
  });
});

test('who has waited for maxWait is refused', async () => {
  const { clock, limiter, layer } = serviceOf();
  await occupy(layer, clock);
  const refused = expect(begun(compose([layer]), toOrders())).rejects.toMatchObject({ code: 'overloaded' });

  await clock.elapse(1_000);

  await refused;
  expect(limiter).toMatchObject({ waiting: 0, refusedLately: 1 });
});

test('a client that leaves, leaves the queue', async () => {
  const { clock, limiter, layer } = serviceOf();
  await occupy(layer, clock);
  const exchange = toOrders();
  const gone = expect(begun(compose([layer]), exchange)).rejects.toMatchObject({ code: 'client_gone' });

  exchange.abort(new MeshError('client_gone'));

  await gone;
  expect(limiter).toMatchObject({ underWay: 1, waiting: 0, refusedLately: 0 });
  expect(clock.pending).toBe(0);
});

test.each([
  { header: 'x-priority', value: 'high', priority: 'high' },
  { header: 'x-priority', value: ' LOW', priority: 'low' },
  { header: 'x-priority', value: 'Normal', priority: 'normal' },
  { header: 'x-priority', value: 'urgent', priority: 'normal' },
  { header: 'x-other', value: 'high', priority: 'normal' },
  { header: undefined, value: 'high', priority: 'normal' },
])('a request with x-priority "$value" has, by $header, the priority $priority', ({ header, value, priority }) => {
  expect(priorityFrom(header, exchangeOf({ fields: new Fields(['X-Priority', value]) }))).toBe(priority);
});
