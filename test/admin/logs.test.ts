import { expect, test, vi } from 'vitest';
import { AdminClient } from '../../src/admin/client.js';
import { followedOutput } from '../../src/admin/followed-output.js';
import type { LogEventView, LogsQuery } from '../../src/admin/logs-wire.js';
import { EventStreams } from '../../src/admin/stream.js';
import { MeshError } from '../../src/foundation/errors.js';
import { ServiceMesh } from '../../src/mesh/service-mesh.js';
import type { OutputLine } from '../../src/supervisor/output.js';
import { startAdmin } from '../support/admin.js';
import { fakeControl } from '../support/fake-control.js';
import { ManualClock } from '../support/manual-clock.js';
import { Upstream } from '../support/upstream.js';

function line(replica: string, text: string, changes: Partial<OutputLine> = {}): OutputLine {
  return { service: replica.replace(/-\d+$/, ''), replica, stream: 'stdout', text, at: 0, ...changes };
}

/** What a client is told, and how to let it go. */
function follow(client: AdminClient, query: Partial<LogsQuery> = {}) {
  const leaving = new AbortController();
  const told: LogEventView[] = [];
  const read = async () => {
    for await (const event of client.followLogs({ services: [], ...query }, leaving.signal)) told.push(event);
  };
  return { told, over: read(), leave: () => leaving.abort() };
}

/** The pieces of a stream, one by one, at the pace of the test. */
function openStream() {
  const clock = new ManualClock();
  const fake = fakeControl();
  const streams = new EventStreams(fake.control, clock);
  const reader = streams
    .follow(followedOutput(fake.control.readOutput([], { tail: undefined, since: undefined }), fake.control))
    .body?.getReader();
  if (reader === undefined) return expect.fail('no body');
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  return { clock, ...fake, streams, next, leave: () => reader.cancel() };
}

test('what is kept is one document, in the order in which it was printed', async () => {
  await using admin = await startAdmin();
  const lines = [
    line('web-1', 'listening', { at: 1 }),
    line('orders-2', '\u001b[31mred\u001b[0m \u2028 gün', { at: 2, stream: 'stderr' }),
    line('web-1', 'it is restarted', { at: 3, stream: 'mesh' }),
  ];
  for (const each of lines) admin.print(each);

  const { status, headers, text } = await admin.request({ path: '/v1/logs' });

  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json' });
  expect(JSON.parse(text)).toEqual({ schemaVersion: 1, lines, skipped: [] });
});

test('a document of many parts is whole, and the largest one, too', async () => {
  await using admin = await startAdmin();
  for (let count = 0; count < 5_000; count++) admin.print(line('web-1', `${count} ${'x'.repeat(200)}`));

  const { lines } = JSON.parse((await admin.request({ path: '/v1/logs' })).text);

  expect(lines.map(({ text }: OutputLine) => Number.parseInt(text, 10))).toEqual(
    Array.from({ length: 5_000 }, (_, count) => count),
  );
});

test('lines that go while the document is read are counted in it', async () => {
  await using admin = await startAdmin();
  for (let count = 0; count < 5_000; count++) admin.print(line('web-1', 'x'.repeat(200)));
  const { readOutput } = admin.control;
  admin.control.readOutput = (...asked) => {
    const reader = readOutput(...asked);
    for (let count = 0; count < 10; count++) admin.print(line('web-1', 'y'));
    return reader;
  };

  const { lines, skipped } = JSON.parse((await admin.request({ path: '/v1/logs' })).text);

  expect(skipped).toEqual([{ service: 'web', count: 10 }]);
  expect(lines).toHaveLength(4_990);
});

test.each([
  ['', { names: [] }],
  ['?service=web', { names: ['web'] }],
  ['?service=web&service=orders-2', { names: ['web', 'orders-2'] }],
  ['?tail=10&since=5m', { names: [], tail: 10, since: { kind: 'ago', duration: 300_000 } }],
  ['?since=2026-01-31T12:00:00Z', { names: [], since: { kind: 'moment', at: Date.UTC(2026, 0, 31, 12) } }],
  ['?follow=false&tail=0', { names: [], tail: 0 }],
  ['?trace=req-1&traceIds=true', { names: [], trace: 'req-1', traceIds: true }],
])('the query `%s` is what the mesh is asked for', async (query, asked) => {
  await using admin = await startAdmin();
  expect((await admin.request({ path: `/v1/logs${query}` })).status).toBe(200);
  expect(JSON.parse(admin.asked.at(-1)?.replace('output ', '') ?? '')).toEqual(asked);
});

test.each([
  '?tail=-1',
  '?tail=all',
  '?tail=1.5',
  '?since=yesterday',
  '?follow=maybe',
  '?tail=1&tail=2',
  '?trace=',
  '?traceIds=1',
])('the query `%s` is refused before anything is read', async (query) => {
  await using admin = await startAdmin();
  expect(await admin.request({ path: `/v1/logs${query}` })).toMatchObject({ status: 400, code: 'invalid_request' });
  expect(admin.asked).toEqual([]);
});

test('the lines of one exchange are found among all that is kept, in the document and in the stream', async () => {
  await using admin = await startAdmin();
  for (let count = 0; count < 3_000; count++) admin.print(line('web-1', `${count}`));
  admin.print(line('web-1', 'GET /x req-1'));
  for (let count = 0; count < 1_500; count++) admin.print(line('web-1', `${count}`));
  const { text } = await admin.request({ path: '/v1/logs?trace=req-1' });
  expect(JSON.parse(text)).toEqual({ schemaVersion: 1, lines: [line('web-1', 'GET /x req-1')], skipped: [] });

  const { told, over, leave } = follow(admin.client, { trace: 'req-1' });
  await vi.waitFor(() => expect(told).toHaveLength(2));
  admin.print(line('web-1', 'of another'));
  admin.print(line('web-1', 'req-1 is done'));
  await vi.waitFor(() => expect(told).toHaveLength(3));
  leave();
  await over;
  expect(told.map((event) => (event.type === 'line' ? event.text : event.type))).toEqual([
    'GET /x req-1',
    'live',
    'req-1 is done',
  ]);
});

test('each line has the trace that it names, where somebody asks for it', async () => {
  await using admin = await startAdmin();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  admin.print(line('web-1', `trace_id=${traceId}`));
  admin.print(line('web-1', 'none'));
  const ids = async (query: string) => {
    const { lines } = JSON.parse((await admin.request({ path: `/v1/logs${query}` })).text);
    return lines.map((each: { traceId?: string | null }) => each.traceId);
  };
  expect(await ids('?traceIds=true')).toEqual([traceId, null]);
  expect(await ids('')).toEqual([undefined, undefined]);
});

test('a client that follows is told what is kept, that it is live, what comes, and that the mesh ends', async () => {
  const admin = await startAdmin();
  admin.print(line('web-1', 'kept'));
  const { told, over } = follow(admin.client);
  await vi.waitFor(() => expect(told).toHaveLength(2));

  admin.print(line('web-1', 'new \u2028 gün 😀\n\n'));
  await vi.waitFor(() => expect(told).toHaveLength(3));
  admin.print(line('web-1', 'last words'));
  await admin[Symbol.asyncDispose]();
  await over;

  expect(told).toEqual([
    { type: 'line', ...line('web-1', 'kept') },
    { type: 'live' },
    { type: 'line', ...line('web-1', 'new \u2028 gün 😀\n\n') },
    { type: 'line', ...line('web-1', 'last words') },
    { type: 'end' },
  ]);
});

test('thousands of lines in one turn reach a client that reads, in order', async () => {
  await using admin = await startAdmin();
  const { told, leave, over } = follow(admin.client, { services: ['web'] });
  await vi.waitFor(() => expect(told).toEqual([{ type: 'live' }]));

  for (let count = 0; count < 4_000; count++) admin.print(line('web-1', String(count)));
  await vi.waitFor(() => expect(told).toHaveLength(4_001));
  leave();
  await over;

  const numbers = told.map((event) => (event.type === 'line' ? Number(event.text) : -1));
  expect(numbers).toEqual(Array.from({ length: 4_001 }, (_, index) => index - 1));
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

test('a reader that does not read on costs nothing, and is told how much it has missed', async () => {
  const { next, print, listeners, clock } = openStream();
  expect(await next()).toBe('event: live\ndata: {"type":"live"}\n\n');

  for (let count = 0; count < 5_100; count++) print(line('web-1', String(count)));
  expect({ listeners: listeners(), timers: clock.pending }).toEqual({ listeners: 0, timers: 0 });

  const told = await next();
  expect(told).toMatch(
    /^event: skipped\ndata: \{"type":"skipped","service":"web","count":100\}\n\nevent: line\ndata: .*"text":"100"/,
  );
  expect(told.length).toBeLessThan(70_000);
});

test('a quiet stream gives a sign of life every fifteen seconds, until its reader leaves', async () => {
  const { next, clock, listeners, leave, streams } = openStream();
  await next();
  for (let count = 0; count < 2; count++) {
    const sign = next();
    await clock.elapse(15_000);
    expect(await sign).toBe(':\n\n');
  }
  const last = next();
  await clock.elapse(1);
  expect(listeners()).toBe(1);

  await leave();
  streams.close();

  expect(await last).toBe('');
  expect({ listeners: listeners(), timers: clock.pending }).toEqual({ listeners: 0, timers: 0 });
});

test.each(['orders-1', 'web-1'])('a sign of life comes while %s prints what is not followed', async (noisy) => {
  const clock = new ManualClock();
  const { control, print } = fakeControl();
  print(line('web-2', 'kept'));
  const output = control.readOutput(['web-2'], { tail: undefined, since: undefined });
  const reader =
    new EventStreams(control, clock).follow(followedOutput(output, control)).body?.getReader() ??
    expect.fail('no body');
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toContain('event: live');

  const sign = next();
  for (const wait of [10_000, 4_000, 999, 1]) {
    await clock.elapse(wait);
    print(line(noisy, 'of no interest'));
  }
  await clock.elapse(50);
  expect(await sign).toBe(':\n\n');

  const told = next();
  await clock.elapse(1);
  print(line('web-2', 'at last'));
  await clock.elapse(50);
  expect(await told).toMatch(/^event: line\ndata: .*"text":"at last".*\n\n$/);
});

test('an end that comes while nobody reads is told to whoever reads on', async () => {
  const { next, print, streams } = openStream();
  await next();
  print(line('web-1', 'last words'));
  streams.close();

  expect(await next()).toContain('last words');
  expect(await next()).toBe('event: end\ndata: {"type":"end"}\n\n');
});

test('HEAD opens no stream', async () => {
  await using admin = await startAdmin();
  const { status, headers } = await admin.request({ method: 'HEAD', path: '/v1/logs?follow=true' });

  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/event-stream' });
  expect(admin.listeners()).toBe(0);
});

test('the API closes at once while somebody follows', async () => {
  const admin = await startAdmin();
  const { told, over } = follow(admin.client);
  await vi.waitFor(() => expect(told).toHaveLength(1));

  await admin[Symbol.asyncDispose]();
  await over;

  expect(told.at(-1)).toEqual({ type: 'end' });
});

test('what the mesh refuses is what the client throws', async () => {
  await using admin = await startAdmin();
  admin.control.readOutput = () => {
    throw new MeshError('unknown_service', 'The mesh runs no process of `payments`', { hint: 'Look elsewhere.' });
  };

  await expect(follow(admin.client, { services: ['payments'] }).over).rejects.toMatchObject({
    code: 'unknown_service',
    message: 'The mesh runs no process of `payments`',
    hint: 'Look elsewhere.',
  });
});

test.each([
  ['ordres', 'There is no service `ordres`', 'Did you mean `orders`?'],
  ['orders', 'The mesh runs no process of `orders`, so it has none of its output', 'Look where it was started.'],
  ['orders-2', 'There is no service `orders-2`', 'Did you mean `orders`?'],
])('a mesh that is asked for the output of %s says why it has none', (name, message, hint) => {
  const mesh = new ServiceMesh({ services: { orders: { instances: ['127.0.0.1:4001'] } } });

  expect(() => mesh.control.readOutput([name], { tail: undefined, since: undefined })).toThrow(
    expect.objectContaining({ code: 'unknown_service', message, hint: expect.stringContaining(hint) }),
  );
});

test.each<[string, Parameters<typeof Upstream.start>[0]]>([
  ['ends without a goodbye', (_, response) => void response.end('event: live\ndata: {"type":"live"}\n\n')],
  ['is cut', (_, response) => void response.write(':\n\n', () => response.destroy())],
])('a stream that %s is that of a mesh that is gone', async (_name, answer) => {
  await using other = await Upstream.start(answer);

  await expect(follow(new AdminClient(`http://127.0.0.1:${other.port}`, undefined)).over).rejects.toMatchObject({
    code: 'no_mesh',
    message: `The mesh at http://127.0.0.1:${other.port} is gone`,
  });
});

test('where nobody answers there is no mesh to follow', async () => {
  const admin = await startAdmin();
  await admin[Symbol.asyncDispose]();

  await expect(follow(admin.client).over).rejects.toMatchObject({ code: 'no_mesh', exitCode: 3 });
});
