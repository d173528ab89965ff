import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultEffect } from '../../src/config/shaping-configs.js';
import type { Outcome } from '../../src/exchange/outcome.js';
import { MeshError } from '../../src/foundation/errors.js';
import { Measure } from '../../src/telemetry/measure.js';
import { exposition } from '../../src/telemetry/prometheus/exposition.js';
import { trafficFamilies } from '../../src/telemetry/prometheus/traffic.js';
import { ManualClock } from '../support/manual-clock.js';
import { run, tool } from '../support/tools.js';
import type { Trip } from './traffic.js';
import { Traffic } from './traffic.js';

function begin() {
  const clock = new ManualClock();
  const measure = new Measure(clock);
  return { clock, measure, traffic: new Traffic(measure, clock), text: () => exposition(trafficFamilies(measure)) };
}

/** The samples of those names, as they stand in the text. */
function samples(text: string, name: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

test('the text has help, type and samples, escaped, and no label that is empty', () => {
  const text = exposition([
    {
      name: 'a_total',
      type: 'counter',
      help: 'One\nof two \\ lines.',
      samples: [
        { labels: {}, value: 1 },
        { labels: { x: 'a "b"\n\\', y: '' }, value: 0.5 },
        { suffix: '_more', labels: { y: 'z' }, value: Infinity },
      ],
    },
    { name: 'b', type: 'gauge', help: 'Nothing.', samples: [] },
  ]);

  expect(text).toBe(
    '# HELP a_total One\\nof two \\\\ lines.\n# TYPE a_total counter\na_total 1\na_total{x="a \\"b\\"\\n\\\\"} 0.5\na_total_more{y="z"} +Inf\n',
  );
});

const fault = (effect: FaultEffect): Trip => {
  const match = { path: undefined, method: undefined, headers: {}, caller: undefined, version: undefined };
  return { faults: [{ effect, percentage: 1, match: { ...match, instance: undefined } }] };
};
const tunnelled = (tunnel: string): Trip => ({ tunnel, outcome: { kind: 'answered', status: 101 } });
const refused = (code: Extract<Outcome, { kind: 'refused' }>['code'], status: number): Trip => {
  return { outcome: { kind: 'refused', status, code } };
};

test.each<[string, Trip, string]>([
  ['an answer', {}, 'code="200",protocol="http/1.1"'],
  ['the service itself failing', { outcome: { kind: 'answered', status: 503 } }, 'code="503",protocol="http/1.1"'],
  ['a method that nobody knows', { method: 'BREW' }, 'method="_OTHER",code="200",protocol="http/1.1"'],
  ['a WebSocket', tunnelled('websocket'), 'code="101",protocol="websocket"'],
  ['another tunnel', tunnelled('h2c'), 'code="101",protocol="upgrade"'],
  ['a timeout', refused('per_try_timeout', 504), 'code="504",protocol="http/1.1",reason="timeout"'],
  ['nobody healthy', refused('no_healthy_instance', 503), 'code="503",protocol="http/1.1",reason="no_healthy"'],
  ['an open circuit', refused('circuit_open', 503), 'code="503",protocol="http/1.1",reason="circuit_open"'],
  ['a rate limit', refused('rate_limited', 429), 'code="429",protocol="http/1.1",reason="rate_limited"'],
  ['too much at once', refused('overloaded', 503), 'code="503",protocol="http/1.1",reason="overloaded"'],
  ['a reset', refused('upstream_reset', 502), 'code="502",protocol="http/1.1",reason="reset"'],
  [
    'an answer that breaks off',
    { outcome: { kind: 'cut', status: 200 } },
    'code="200",protocol="http/1.1",reason="reset"',
  ],
  ['a client that leaves', { outcome: { kind: 'abandoned' } }, 'code="0",protocol="http/1.1",reason="client_gone"'],
  ['a fault that answers', fault({ kind: 'abort', status: 200 }), 'code="200",protocol="http/1.1",reason="fault"'],
  [
    'a fault that only delays',
    fault({ kind: 'delay', time: 1, jitter: 0, distribution: 'uniform' }),
    'code="200",protocol="http/1.1"',
  ],
])('%s is told by code and reason', async (_what, trip, labels) => {
  const { traffic, text } = begin();
  await traffic.send(trip);

  const [only, ...more] = samples(text(), 'mesh_requests_total');
  expect(more).toEqual([]);
  const method = labels.startsWith('method') ? '' : 'method="GET",';
  expect(only).toBe(`mesh_requests_total{source="anonymous",service="orders",${method}${labels}} 1`);
});

test('who called, by which route, and which version answered, are told apart', async () => {
  const { traffic, text } = begin();
  const trip = { caller: 'web', route: 'shop.localhost/api', method: 'POST', took: 30, sent: 5, received: 7 };
  for (const version of ['v1', 'v1', 'v2'])
    await traffic.send({ ...trip, instance: traffic.instance(version, version) });
  await traffic.send({ service: undefined, outcome: { kind: 'refused', status: 404, code: 'no_route' } });

  const labels = 'source="web",service="orders"';
  const rest = 'route="shop.localhost/api",method="POST",code="200",protocol="http/1.1"';
  expect(samples(text(), 'mesh_requests_total')).toEqual([
    `mesh_requests_total{${labels},version="v1",${rest}} 2`,
    `mesh_requests_total{${labels},version="v2",${rest}} 1`,
    'mesh_requests_total{source="anonymous",method="GET",code="404",protocol="http/1.1",reason="no_route"} 1',
  ]);
  expect(samples(text(), 'mesh_request_bytes_total')).toContain(`mesh_request_bytes_total{${labels}} 15`);
  expect(samples(text(), 'mesh_response_bytes_total')).toContain(`mesh_response_bytes_total{${labels}} 21`);
  const buckets = samples(text(), 'mesh_request_duration_seconds_bucket').filter((line) => line.includes(labels));
  expect(buckets).toHaveLength(17);
  expect(buckets.map((line) => /le="(.*)"} (.*)/.exec(line)?.slice(1).join(' '))).toEqual(
    expect.arrayContaining(['0.001 0', '0.025 0', '0.05 3', '10 3', '+Inf 3']),
  );
  expect(text()).toContain(`mesh_request_duration_seconds_sum{${labels},route="shop.localhost/api"} 0.09`);
});

test('what is at a bound of a bucket is within it, and what is beyond all of them only in the last', async () => {
  const { traffic, text } = begin();
  for (const took of [1, 10_000, 10_001]) await traffic.send({ took });

  const counts = samples(text(), 'mesh_request_duration_seconds_bucket').filter((line) => line.includes('"orders"'));
  expect(counts.map((line) => line.split(' ').at(-1))).toEqual([...new Array(15).fill('1'), '2', '3']);
});

test('attempts are told of each instance, and why there was more than one', async () => {
  const { traffic, text } = begin();
  const failed = [
    { kind: 'failed' as const, error: new MeshError('connect_failed') },
    { kind: 'answered' as const, status: 503 },
  ];
  await traffic.send({ instance: traffic.instance('a'), failed });

  expect(samples(text(), 'mesh_upstream_requests_total')).toEqual([
    'mesh_upstream_requests_total{service="orders",instance="a",code="2xx"} 1',
    'mesh_upstream_requests_total{service="orders",instance="a",code="5xx"} 1',
    'mesh_upstream_requests_total{service="orders",instance="a",code="0",reason="connect_failed"} 1',
  ]);
  expect(samples(text(), 'mesh_retries_total')).toEqual([
    'mesh_retries_total{service="orders",reason="connect_failed"} 1',
    'mesh_retries_total{service="orders",reason="503"} 1',
  ]);
});

test('what is under way is told by caller and by instance, and 0 is said too', async () => {
  const { traffic, text } = begin();
  const instance = traffic.instance('a');
  const ends = [await traffic.begin({ caller: 'web', instance }), await traffic.begin({ instance })];
  const seen = () => [
    ...samples(text(), 'mesh_inflight_requests'),
    ...samples(text(), 'mesh_upstream_inflight_requests'),
  ];

  expect(seen()).toEqual([
    'mesh_inflight_requests{source="web",service="orders"} 1',
    'mesh_inflight_requests{source="anonymous",service="orders"} 1',
    'mesh_upstream_inflight_requests{service="orders",instance="a"} 2',
  ]);
  for (const end of ends) end();
  expect(seen().map((line) => line.at(-1))).toEqual(['0', '0', '0']);
});

test('waits and rate limits are counted', async () => {
  const { traffic, text } = begin();
  const waits = [{ kind: 'rate-limit' as const, milliseconds: 250, startedAt: 0 }];
  await traffic.send({ waits });
  await traffic.send(refused('rate_limited', 429));

  expect(text()).toContain('mesh_waiting_seconds_total{service="orders",kind="rate-limit"} 0.25\n');
  expect(text()).toContain('mesh_rate_limited_total{service="orders",action="delayed"} 1\n');
  expect(text()).toContain('mesh_rate_limited_total{service="orders",action="rejected"} 1\n');
  expect(text()).toContain('mesh_waiting_duration_seconds_bucket{service="orders",le="0.25"} 1\n');
});

test('however many callers, routes, versions and instances there are, the text stays short, and no request is lost', async () => {
  const { traffic, text } = begin();
  for (let count = 0; count < 3_000; count++) {
    const instance = traffic.instance(`i${count % 500}`, `v${count % 300}`);
    const status = 200 + (count % 400);
    const outcome = { kind: 'answered' as const, status };
    await traffic.send({ caller: `c${count % 70}`, route: `r${count % 90}`, instance, outcome });
  }

  const values = samples(text(), 'mesh_requests_total').map((line) => Number(line.split(' ').at(-1)));
  expect(values.length).toBeLessThanOrEqual(512 + 6);
  expect(values.reduce((sum, value) => sum + value, 0)).toBe(3_000);
  expect(text()).toContain('source="other",service="orders",version="other",route="other",method="other",code="4xx"');
  const instances = new Set(samples(text(), 'mesh_upstream_duration_seconds_count'));
  expect(instances.size).toBe(33);
  expect(text().split('\n').length).toBeLessThan(3_500);
});

const trips = fc.array(
  fc.record({
    service: fc.constantFrom('orders', 'web', undefined),
    caller: fc.constantFrom('web', 'admin'),
    took: fc.nat({ max: 20_000 }),
    outcome: fc.constantFrom<Outcome>(
      { kind: 'answered', status: 200 },
      { kind: 'answered', status: 404 },
      { kind: 'refused', status: 503, code: 'overloaded' },
      { kind: 'cut', status: 200 },
      { kind: 'abandoned' },
    ),
    sent: fc.nat({ max: 100 }),
  }),
  { maxLength: 20 },
);

test('a counter never falls, and no series of one goes', async () => {
  await fc.assert(
    fc.asyncProperty(trips, async (all) => {
      const { traffic, text } = begin();
      let before = new Map<string, number>();
      for (const trip of all) {
        await traffic.send(trip);
        const lines = text()
          .split('\n')
          .filter((line) => /^\w+(?:_total|_bucket|_count|_sum)\b/.test(line));
        const now = new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(/ (\S+)$/.exec(line)?.[1])]));
        for (const [name, value] of before) expect(now.get(name), name).toBeGreaterThanOrEqual(value);
        before = now;
      }
    }),
    { numRuns: 30 },
  );
});

test.skipIf(!tool('promtool'))('promtool has nothing to say of it', async () => {
  const { traffic, text } = begin();
  const instance = traffic.instance('a"\\b', 'v"1');
  const waits = [{ kind: 'backoff' as const, milliseconds: 5, startedAt: 0 }];
  await traffic.send({
    caller: 'web',
    route: 'shop.localhost/"\\',
    instance,
    waits,
    took: 5,
    ...fault({ kind: 'blackhole' }),
  });
  await traffic.begin();

  const checked = await run('promtool', ['check', 'metrics'], text());

  expect(checked).toMatchObject({ code: 0, text: '', stderr: '' });
});
