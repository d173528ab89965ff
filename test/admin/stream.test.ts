import { expect, test } from 'vitest';
import { EventStreams } from '../../src/admin/stream.js';
import type { EventView } from '../../src/admin/wire.js';
import { fakeControl } from '../support/fake-control.js';
import { ManualClock } from '../support/manual-clock.js';

const event = (message: string): EventView => ({
  type: 'warning',
  tone: 'busy',
  at: 0,
  service: null,
  instance: null,
  message,
});

function makeStreams() {
  const clock = new ManualClock();
  const fake = fakeControl();
  return { clock, ...fake, streams: new EventStreams(fake.control, clock) };
}

test('a burst of thousands of events in one turn reaches whoever reads, in order', async () => {
  const { streams, tell } = makeStreams();
  const response = streams.response();

  for (let count = 0; count < 5_000; count++) tell(event(`event ${count}`));
  streams.close();

  const messages = [...(await response.text()).matchAll(/"message":"event (\d+)"/g)].map(([, count]) => Number(count));
  expect(messages).toEqual(Array.from({ length: 5_000 }, (_, count) => count));
});

test('one that never reads is cut off once, and the mesh goes on', () => {
  const { streams, clock, tell, listeners } = makeStreams();
  streams.response();

  for (let count = 0; count < 50; count++) tell(event('x'.repeat(100_000)));
  clock.advance(60_000);
  streams.close();

  expect(listeners()).toBe(0);
  expect(clock.pending).toBe(0);
});

test('a quiet stream gives a sign of life every fifteen seconds, until its reader leaves', async () => {
  const { streams, clock, listeners } = makeStreams();
  const reader = streams.response().body?.getReader() ?? expect.fail('no body');
  const next = async () => new TextDecoder().decode((await reader.read()).value);

  expect(await next()).toBe(':\n\n');
  clock.advance(15_000);
  expect(await next()).toBe(':\n\n');
  await reader.cancel();

  expect(listeners()).toBe(0);
  expect(clock.pending).toBe(0);
});
