import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Slot, Taking } from '../../src/shaping/connection-slots.js';
import { ConnectionSlots } from '../../src/shaping/connection-slots.js';

const slotsOf = (maxConnections: number, maxPendingRequests: number) =>
  new ConnectionSlots({ maxConnections, maxPendingRequests });

const release = (taking: Taking | Slot | undefined) => taking?.kind === 'taken' && taking.release();

/** Takes one and tells `granted` its name when it has a slot. */
function queue(slots: ConnectionSlots, name: string, granted: string[]) {
  const taking = slots.take();
  if (taking.kind !== 'queued') throw new Error(`${name} is ${taking.kind}`);
  const slot = taking.slot.then((slot) => {
    granted.push(slot === undefined ? `${name} left` : name);
    return slot;
  });
  return { slot, leave: () => taking.leave() };
}

test('a slot is there at once, then a place in the queue, then nothing', () => {
  const slots = slotsOf(2, 1);

  expect([1, 2, 3, 4].map(() => slots.take().kind)).toEqual(['taken', 'taken', 'queued', 'refused']);
  expect(slots).toMatchObject({ used: 2, waiting: 1 });
});

test('without a queue nobody waits', () => {
  const slots = slotsOf(1, 0);
  const first = slots.take();
  expect(slots.take().kind).toBe('refused');

  release(first);

  expect(slots.take().kind).toBe('taken');
});

test('who came first is served first, also when the middle one has left', async () => {
  const slots = slotsOf(1, 3);
  const held = slots.take();
  const granted: string[] = [];
  const [a, b, c] = ['a', 'b', 'c'].map((name) => queue(slots, name, granted));

  b?.leave();
  expect(slots.waiting).toBe(2);
  release(held);
  release(await a?.slot);
  release(await c?.slot);

  expect(granted).toEqual(['b left', 'a', 'c']);
  expect(slots).toMatchObject({ used: 0, waiting: 0 });
});

test('a slot that is released twice is one slot', () => {
  const slots = slotsOf(1, 0);
  const first = slots.take();
  release(first);
  const second = slots.take();

  release(first);

  expect(second.kind).toBe('taken');
  expect(slots.used).toBe(1);
});

test('who leaves when the slot is granted already has it, and gives it on', async () => {
  const slots = slotsOf(1, 2);
  const held = slots.take();
  const granted: string[] = [];
  const [late, next] = [queue(slots, 'late', granted), queue(slots, 'next', granted)];

  release(held);
  late.leave();
  expect(slots).toMatchObject({ used: 1, waiting: 1 });
  release(await late.slot);
  await next.slot;

  expect(granted).toEqual(['late', 'next']);
});

test('a higher limit lets waiters in at once, in their order', async () => {
  const slots = slotsOf(1, 5);
  slots.take();
  const granted: string[] = [];
  const [a, b] = ['a', 'b', 'c'].map((name) => queue(slots, name, granted));

  slots.update({ maxConnections: 3, maxPendingRequests: 5 });
  await Promise.all([a?.slot, b?.slot]);

  expect(granted).toEqual(['a', 'b']);
  expect(slots).toMatchObject({ used: 3, waiting: 1 });
});

test('a lower limit takes no slot away, and gives none until enough have come back', () => {
  const slots = slotsOf(3, 1);
  const [first, second, third] = [slots.take(), slots.take(), slots.take()];

  slots.update({ maxConnections: 1, maxPendingRequests: 0 });
  expect(slots.used).toBe(3);
  release(first);
  release(second);
  expect(slots.take().kind).toBe('refused');
  release(third);

  expect(slots.take().kind).toBe('taken');
});

/** A walk in which slots are taken, released and given up in any order. */
const step = fc.oneof(
  fc.constant({ kind: 'take' as const }),
  fc.record({ kind: fc.constantFrom('release' as const, 'leave' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('limit' as const), to: fc.integer({ min: 1, max: 4 }) }),
);

test('in any order of coming and going, the first who waits is served and no slot is lost', async () => {
  const walk = fc.asyncProperty(fc.array(step, { maxLength: 100 }), async (steps) => {
    const slots = slotsOf(2, 3);
    let limit = 2;
    /** The naive view: who has one and who waits, by number. */
    let [having, waiting]: [number[], number[]] = [[], []];
    const takings: Taking[] = [];
    const held = new Map<number, Slot>();
    const admit = () => {
      while (having.length < limit && waiting.length > 0) having.push(...waiting.splice(0, 1));
    };
    for (const step of steps) {
      if (step.kind === 'take') {
        const name = takings.length;
        const taking = slots.take();
        takings.push(taking);
        const expected = having.length < limit ? 'taken' : waiting.length < 3 ? 'queued' : 'refused';
        expect(taking.kind).toBe(expected);
        if (taking.kind === 'taken') held.set(name, taking);
        if (taking.kind === 'queued') void taking.slot.then((slot) => slot && held.set(name, slot));
        if (expected === 'taken') having.push(name);
        if (expected === 'queued') waiting.push(name);
      } else if (step.kind === 'limit') {
        limit = step.to;
        slots.update({ maxConnections: limit, maxPendingRequests: 3 });
        admit();
      } else {
        const name = step.which % Math.max(1, takings.length);
        const taking = takings[name];
        if (step.kind === 'leave') {
          if (taking?.kind === 'queued') taking.leave();
          waiting = waiting.filter((other) => other !== name);
        } else {
          held.get(name)?.release();
          having = having.filter((other) => other !== name);
          admit();
        }
      }
      await Promise.resolve(); // whoever was granted a slot hears of it
      await Promise.resolve();
      expect(slots).toMatchObject({ used: having.length, waiting: waiting.length });
      expect([...held.keys()]).toEqual(expect.arrayContaining(having));
    }
  });
  await fc.assert(walk, { seed: 4, numRuns: 300 });
});
