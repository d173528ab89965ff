import { expect, test, vi } from 'vitest';
import type { AdminClient } from '../../src/admin/client.js';
import type { ExchangesWish } from '../../src/admin/control.js';
import type { ExchangeEventView, ExchangesQuery } from '../../src/admin/exchanges-wire.js';
import { EventStreams } from '../../src/admin/stream.js';
import { ServiceMesh } from '../../src/mesh/service-mesh.js';
import { startAdmin } from '../support/admin.js';
import { fakeControl } from '../support/fake-control.js';
import { ManualClock } from '../support/manual-clock.js';
import { endExchange } from '../support/records.js';

/** What a client is told, and how to let it go. */
function follow(client: AdminClient, query: ExchangesQuery = {}) {
  const leaving = new AbortController();
  const told: ExchangeEventView[] = [];
  const read = async () => {
    for await (const event of client.followExchanges(query, leaving.signal)) told.push(event);
  };
  return { told, over: read(), leave: () => leaving.abort() };
}

/** Type, and what stands for the event. */
function short(event: ExchangeEventView): string {
  switch (event.type) {
    case 'exchange':
      return event.exchange.id;
    case 'missed':
      return `${event.count} of ${event.service} missed`;
    default:
      return event.type;
  }
}

const everything = { service: undefined, statuses: undefined, path: '', slow: 0 };

/** The pieces of a stream, one by one, at the pace of the test. */
function openStream(wish: Partial<ExchangesWish> = {}) {
  const clock = new ManualClock();
  const fake = fakeControl();
  const streams = new EventStreams(fake.control, clock);
  const reader = streams.follow(fake.control.followExchanges({ ...everything, ...wish })).body?.getReader();
  if (reader === undefined) return expect.fail('no body');
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  return { clock, ...fake, streams, next };
}

test('a client that follows is told that it is live, what ends from then on, and that the mesh ends', async () => {
  const admin = await startAdmin();
  endExchange(admin.records, { id: 'before' });
  const { told, over } = follow(admin.client);
  await vi.waitFor(() => expect(told).toEqual([{ type: 'live' }]));

  endExchange(admin.records, {
    id: 'a',
    target: '/gün?x',
    outcome: { kind: 'refused', status: 404, code: 'no_route' },
  });
  await vi.waitFor(() => expect(told).toHaveLength(2));
  endExchange(admin.records, { id: 'b', service: null, outcome: { kind: 'abandoned' } });
  await admin[Symbol.asyncDispose]();
  await over;

  expect(told.map(short)).toEqual(['live', 'a', 'b', 'end']);
  expect(told[1]).toMatchObject({
    exchange: { sequence: 2, service: 'orders', target: '/gün?x', outcome: 'refused', status: 404, code: 'no_route' },
  });
  expect(told[2]).toMatchObject({ exchange: { service: null, status: null, outcome: 'abandoned' } });
});

test('only what is asked for is told', async () => {
  await using admin = await startAdmin();
  const { told, leave, over } = follow(admin.client, { service: 'orders', status: '5xx', path: '/a' });
  await vi.waitFor(() => expect(told).toHaveLength(1));

  const failure = { kind: 'answered', status: 500 } as const;
  endExchange(admin.records, { id: 'of another service', service: 'web', target: '/a', outcome: failure });
  endExchange(admin.records, { id: 'of another path', target: '/b', outcome: failure });
  endExchange(admin.records, { id: 'that went well', target: '/a' });
  endExchange(admin.records, { id: 'wanted', target: '/a/b', outcome: failure });
  await vi.waitFor(() => expect(told.map(short)).toEqual(['live', 'wanted']));
  leave();
  await over;
});

test.each([
  ['?service=orders', { service: 'orders', path: '', slow: 0 }],
  ['?status=5xx,404&path=/a%3Fb&slow=1.5s', { path: '/a?b', slow: 1_500, statuses: 101 }],
])('the query `%s` is what the mesh is asked for, of what is kept and of what comes', async (query, wish) => {
  await using admin = await startAdmin();
  expect((await admin.request({ path: `/v1/exchanges${query}&after=7` })).status).toBe(200);
  const stream = await admin.request({ method: 'HEAD', path: `/v1/exchanges${query}&follow=true` });
  expect(stream.headers['content-type']).toBe('text/event-stream');
  const [kept, followed] = admin.asked;
  expect(JSON.parse(kept?.replace('exchanges 7 ', '') ?? '')).toEqual(wish);
  expect(JSON.parse(followed?.replace('follow ', '') ?? '')).toEqual(wish);
});

test.each(['?status=abc', '?status=', '?slow=soon', '?slow=5', '?after=-1', '?follow=maybe'])(
  'the query `%s` is refused before anything is read',
  async (query) => {
    await using admin = await startAdmin();
    expect(await admin.request({ path: `/v1/exchanges${query}` })).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
    expect(admin.asked).toEqual([]);
  },
);

test('those of a moment are told together', async () => {
  const { next, clock, records } = openStream();
  expect(await next()).toBe('event: live\ndata: {"type":"live"}\n\n');

  const told = next();
  await clock.elapse(0);
  for (const id of ['a', 'b', 'c']) {
    endExchange(records, { id });
    await clock.elapse(16);
  }
  await clock.elapse(2);
  expect((await told).match(/"id":"\w"/g)).toEqual(['"id":"a"', '"id":"b"', '"id":"c"']);
});

test('many of a moment do not wait to be told', async () => {
  const { next, clock, records } = openStream();
  await next();

  const told = next();
  await clock.elapse(0);
  for (let count = 0; count < 400; count++) endExchange(records);
  expect((await told).match(/event: exchange/g)?.length).toBeGreaterThan(100);
  expect(clock.pending).toBe(0);
});

test('a reader that does not read on costs nothing, and is told what it has missed of which service', async () => {
  const { next, records, listeners, clock } = openStream();
  await next();

  for (let count = 0; count < 1_100; count++) endExchange(records, { id: String(count) });
  endExchange(records, { id: 'quiet', service: 'web' });
  expect({ listeners: listeners(), timers: clock.pending }).toEqual({ listeners: 0, timers: 0 });

  let told = '';
  while (!told.includes('"quiet"')) {
    const piece = await next();
    expect(piece.length).toBeLessThan(70_000);
    told += piece;
  }
  expect(told).toMatch(/^event: missed\ndata: \{"type":"missed","service":"orders","count":100\}\n\nevent: exchange\n/);
  expect(told.match(/event: exchange/g)).toHaveLength(1_001);
});

test('a sign of life comes every fifteen seconds, also while only what is not wanted ends', async () => {
  const { next, clock, records } = openStream({ path: '/wanted' });
  expect(await next()).toContain('event: live');
  for (const path of ['/wanted/not', '/wanted']) {
    const sign = next();
    for (let waited = 0; waited < 15_000; waited += 10) {
      endExchange(records);
      await clock.elapse(10);
    }
    await clock.elapse(50);
    expect(await sign).toBe(':\n\n');
    const told = next();
    await clock.elapse(1);
    endExchange(records, { target: path });
    await clock.elapse(50);
    expect(await told).toContain(`"target":"${path}"`);
  }
});

test('a client that goes is forgotten', async () => {
  await using admin = await startAdmin();
  const { told, leave, over } = follow(admin.client);
  await vi.waitFor(() => expect(told).toHaveLength(1));
  await vi.waitFor(() => expect(admin.listeners()).toBe(1));

  leave();
  await over;

  await vi.waitFor(() => expect(admin.listeners()).toBe(0));
});

test('a service that the mesh does not know cannot be followed', () => {
  const mesh = new ServiceMesh({ services: { orders: { instances: ['127.0.0.1:4001'] } } });

  expect(() => mesh.control.followExchanges({ ...everything, service: 'ordres' })).toThrow(
    expect.objectContaining({ code: 'unknown_service', hint: 'Did you mean `orders`?' }),
  );
});

/** Things to follow that take so many milliseconds each to make; every fifth time there is none. */
function slowThings(clock: ManualClock, milliseconds: number) {
  const things = { asked: 0 };
  const next = () => {
    clock.advance(milliseconds);
    return ++things.asked % 5 === 0 ? undefined : { type: 'thing' };
  };
  const onNews = (listener: () => void) => {
    listener();
    return () => {};
  };
  return { things, followed: { next, onNews, share: 0.1 } };
}

test('to tell takes its share of the time, and no more, until the end', async () => {
  const clock = new ManualClock();
  const streams = new EventStreams(fakeControl().control, clock);
  const { things, followed } = slowThings(clock, 10);
  const reader = streams.follow(followed).body?.getReader();
  await reader?.read();
  expect(things.asked).toBe(5);

  const second = reader?.read();
  await clock.elapse(449); // 50 ms of work are a tenth of 500
  expect(things.asked).toBe(5);
  await clock.elapse(1);
  await second;
  expect(things.asked).toBe(10);

  const last = reader?.read();
  streams.close();
  await last;
  expect(things.asked).toBe(15);
});

test('several readers share the time, and whoever has left has no part in it', async () => {
  const clock = new ManualClock();
  const streams = new EventStreams(fakeControl().control, clock);
  const { things, followed } = slowThings(clock, 2);
  const other = streams.follow(slowThings(clock, 2).followed);
  const reader = streams.follow(followed).body?.getReader();
  await reader?.read();

  const second = reader?.read();
  await clock.elapse(189); // 10 ms of work are a twentieth of 200
  expect(things.asked).toBe(5);
  await other.body?.cancel();
  await clock.elapse(1);
  await second;
  expect(things.asked).toBe(10);

  const third = reader?.read();
  await clock.elapse(90);
  await third;
  expect(things.asked).toBe(15);
});

test('a program that was stopped in the middle of it is silent for a second, and not for as many times that', async () => {
  const clock = new ManualClock();
  const streams = new EventStreams(fakeControl().control, clock);
  const { things, followed } = slowThings(clock, 60_000);
  const reader = streams.follow(followed).body?.getReader();
  await reader?.read();
  const second = reader?.read();
  await clock.elapse(1_000);
  await second;
  expect(things.asked).toBe(10);
});

test.each(['while it waits', 'while it does not read'])(
  'at the end, what is left is searched for and told, %s',
  async (when) => {
    const { next, clock, records, streams } = openStream({ path: '/wanted' });
    await next();
    const waiting = when === 'while it waits' ? next() : undefined;
    await clock.elapse(0);
    for (const service of ['a', 'b', 'c']) for (let count = 0; count < 900; count++) endExchange(records, { service });
    endExchange(records, { id: 'last', target: '/wanted' });
    streams.close();
    expect(await (waiting ?? next())).toContain('"id":"last"');
    expect(await next()).toContain('event: end');
  },
);

test('what ends in the moment between two looks is told at once, too', async () => {
  const { clock, streams } = openStream();
  const things: Array<{ type: string }> = [];
  const listeners = new Set<() => void>();
  let looked = () => {};
  const followed = {
    next() {
      const thing = things.shift();
      if (thing === undefined) queueMicrotask(looked);
      return thing;
    },
    onNews(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    share: 1,
  };
  const news = () => {
    for (const listener of listeners) listener();
  };
  const told = streams.follow(followed).body?.getReader().read();
  await clock.elapse(0);
  looked = () => {
    looked = () => {};
    things.push({ type: 'thing' });
    news();
  };
  news(); // of one that is not wanted
  await clock.elapse(100);
  expect(new TextDecoder().decode((await told)?.value)).toContain('thing');
});
