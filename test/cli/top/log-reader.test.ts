import { expect, test } from 'vitest';
import type { LogEventView } from '../../../src/admin/logs-wire.js';
import { LogReader } from '../../../src/cli/top/log-reader.js';
import type { Message } from '../../../src/cli/top/step.js';
import { MeshError } from '../../../src/foundation/errors.js';
import { FakeTerminal } from '../../support/terminal.js';

/** A reader of what `events` gives, and what it has told. */
function reading(events: (taken: { count: number }) => AsyncGenerator<LogEventView>) {
  const terminal = new FakeTerminal();
  const told: Message[] = [];
  const taken = { count: 0 };
  const reader = new LogReader(terminal, (message) => told.push(message));
  reader.follow({ followLogs: () => events(taken) }, 'orders');
  return { terminal, told, taken, reader };
}

function line(text: string): LogEventView {
  return { type: 'line', service: 'orders', replica: 'orders-1', stream: 'stdout', text, at: 0 };
}

test('lines are told together, so many at a time; what is printed faster is not taken from the mesh', async () => {
  const { terminal, told, taken } = reading(async function* (taken) {
    for (; taken.count < 10_000; taken.count++) yield line(String(taken.count));
  });
  await expect.poll(() => taken.count).toBe(499); // the one that is in hand is not counted yet
  expect([told, terminal.pauses]).toEqual([[], [100]]);

  terminal.tick();
  await expect.poll(() => terminal.pauses).toHaveLength(2);
  expect(told).toMatchObject([{ kind: 'logged', target: 'orders', entries: { length: 500 } }]);
  await expect.poll(() => taken.count).toBe(999);
});

test('a line is cut where no screen is so wide, and what was left out is counted', async () => {
  const { terminal, told } = reading(async function* () {
    yield line('x'.repeat(100_000));
    yield { type: 'live' };
    yield { type: 'skipped', service: 'orders', count: 7 };
  });
  await expect.poll(() => terminal.pauses).toHaveLength(1);
  terminal.tick();

  await expect.poll(() => told).toHaveLength(2);
  expect(told).toMatchObject([
    {
      entries: [
        { kind: 'line', line: { text: 'x'.repeat(2_000) } },
        { kind: 'skipped', count: 7 },
      ],
    },
    { kind: 'log-ended', why: 'the mesh has ended' },
  ]);
});

test('why there is no output is told; and nothing at all of what is not followed any more', async () => {
  const refused = reading(async function* () {
    yield line('one');
    throw new MeshError('unknown_service', 'The mesh runs no process of it');
  });
  await expect.poll(() => refused.terminal.pauses).toHaveLength(1);
  refused.terminal.tick();
  await expect.poll(() => refused.told.at(-1)).toMatchObject({ why: 'The mesh runs no process of it' });

  const stopped = reading(async function* () {
    yield line('one');
  });
  await expect.poll(() => stopped.terminal.pauses).toHaveLength(1);
  stopped.reader.stop();
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped.told).toEqual([]);
});
