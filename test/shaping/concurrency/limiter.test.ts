import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConcurrencyConfig, Priority } from '../../../src/config/shaping-configs.js';
import { seededRandom } from '../../../src/foundation/random.js';
import type { Admission, Slot, Turn } from '../../../src/shaping/concurrency/limiter.js';
import { ConcurrencyLimiter } from '../../../src/shaping/concurrency/limiter.js';
import { ManualClock } from '../../support/manual-clock.js';

const configOf = (changes: Partial<ConcurrencyConfig> = {}): ConcurrencyConfig => ({
  limit: 1,
  queue: 2,
  maxWait: 1_000,
  priorityHeader: undefined,
  ...changes,
});

function limiterOf(changes: Partial<ConcurrencyConfig> = {}) {
  const clock = new ManualClock();
  return { clock, limiter: new ConcurrencyLimiter(configOf(changes), { clock, random: seededRandom(1) }) };
}

/** One that asks, and what became of it so far. */
class Asker {
  state: 'waiting' | Turn['kind'] = 'waiting';
  slot: Slot | undefined;
  readonly admission: Admission;

  constructor(limiter: ConcurrencyLimiter, priority: Priority = 'normal') {
    this.admission = limiter.take(priority);
    if (this.admission.kind === 'queued') void this.admission.turn.then((turn) => this.#hear(turn));
    else this.#hear(this.admission);
  }

  leave(): void {
    if (this.admission.kind === 'queued') this.admission.leave();
  }

  #hear(turn: Turn): void {
    this.state = turn.kind;
    if (turn.kind === 'taken') this.slot = turn;
  }
}

/** Whoever has a turn hears of it. */
const hear = () => new Promise((resolve) => setImmediate(resolve));

const states = (askers: readonly Asker[]) => askers.map(({ state }) => state);

test('as many as the limit says go at once, some wait, and the rest is refused', () => {
  const { limiter } = limiterOf({ limit: 2, queue: 1 });

  const askers = [1, 2, 3, 4].map(() => new Asker(limiter));

  expect(states(askers)).toEqual(['taken', 'taken', 'waiting', 'refused']);
  expect(limiter).toMatchObject({ underWay: 2, waiting: 1, limit: 2, refusedLately: 1 });
});

test('high goes before normal, normal before low, and equals in the order in which they came', async () => {
  const { limiter } = limiterOf({ queue: 9 });
  const first = new Asker(limiter);
  const names = ['low', 'normal', 'high', 'low', 'normal', 'high'] as const;
  const askers = names.map((priority) => new Asker(limiter, priority));
  const served: number[] = [];

  for (let slot = first.slot; slot !== undefined; ) {
    slot.release();
    await hear();
    const next = askers.findIndex((asker, at) => asker.state === 'taken' && !served.includes(at));
    if (next >= 0) served.push(next);
    slot = askers[next]?.slot;
  }

  expect(served).toEqual([2, 5, 1, 4, 0, 3]);
});

test.each<{ waiting: Priority[]; comes: Priority; shed: number | 'itself' }>([
  { waiting: ['low', 'low'], comes: 'high', shed: 1 },
  { waiting: ['low', 'normal'], comes: 'high', shed: 0 },
  { waiting: ['low', 'normal'], comes: 'normal', shed: 0 },
  { waiting: ['normal', 'normal'], comes: 'high', shed: 1 },
  { waiting: ['normal', 'high'], comes: 'normal', shed: 'itself' },
  { waiting: ['high', 'high'], comes: 'high', shed: 'itself' },
  { waiting: ['low', 'low'], comes: 'low', shed: 'itself' },
])('a full queue of $waiting that a $comes one comes to, sheds $shed', async ({ waiting, comes, shed }) => {
  const { clock, limiter } = limiterOf();
  new Asker(limiter);
  const askers = [...waiting, comes].map((priority) => new Asker(limiter, priority));

  await hear();

  const refused = shed === 'itself' ? waiting.length : shed;
  expect(states(askers)).toEqual(askers.map((_, at) => (at === refused ? 'refused' : 'waiting')));
  expect(limiter).toMatchObject({ waiting: 2, refusedLately: 1 });
  expect(clock.pending).toBe(2);
});

test('who leaves the queue makes room in it, and is not the one that is shed', async () => {
  const { limiter } = limiterOf();
  new Asker(limiter);
  const [stays, leaves] = [new Asker(limiter, 'low'), new Asker(limiter, 'low')];

  leaves?.leave();
  const later = [new Asker(limiter, 'high'), new Asker(limiter, 'high')];
  await hear();

  expect(states([stays, leaves, ...later])).toEqual(['refused', 'left', 'waiting', 'waiting']);
});

test('who has waited for maxWait is refused, not earlier; and never once its turn has come', async () => {
  const { clock, limiter } = limiterOf({ maxWait: 500 });
  const first = new Asker(limiter);
  const [second, third] = [new Asker(limiter), new Asker(limiter)];

  clock.advance(499);
  first.slot?.release();
  await hear();
  expect(states([second, third])).toEqual(['taken', 'waiting']);
  clock.advance(1);
  await hear();

  expect(states([second, third])).toEqual(['taken', 'refused']);
  expect(limiter).toMatchObject({ underWay: 1, waiting: 0, refusedLately: 1 });
  expect(clock.pending).toBe(0);
});

test('a refusal is shown for ten seconds', () => {
  const { clock, limiter } = limiterOf({ queue: 0 });
  new Asker(limiter);
  new Asker(limiter);

  clock.advance(8_900);
  expect(limiter.refusedLately).toBe(1);
  clock.advance(1_100);

  expect(limiter.refusedLately).toBe(0);
});

test('a higher limit lets waiters in at once; a lower one takes nothing away, and gives none until enough are back', async () => {
  const { limiter } = limiterOf({ limit: 2, queue: 3 });
  const askers = [1, 2, 3, 4, 5].map(() => new Asker(limiter));

  limiter.update(configOf({ limit: 3, queue: 3 }));
  await hear();
  expect(limiter).toMatchObject({ underWay: 3, waiting: 2 });

  limiter.update(configOf({ limit: 1, queue: 0 }));
  askers[0]?.slot?.release();
  askers[1]?.slot?.release();
  await hear();
  expect(limiter).toMatchObject({ underWay: 1, waiting: 2 });
  askers[2]?.slot?.release();
  await hear();

  expect(states(askers)).toEqual(['taken', 'taken', 'taken', 'taken', 'waiting']);
});

test('who waits goes on waiting when a fixed limit becomes an adaptive one, and goes when there is none any more', async () => {
  const { clock, limiter } = limiterOf({ limit: 9, queue: 9 });
  const askers = Array.from({ length: 12 }, () => new Asker(limiter));

  limiter.update(configOf({ limit: 'adaptive', queue: 9 }));
  await hear();
  expect(limiter).toMatchObject({ underWay: 9, waiting: 3 });
  limiter.open();
  await hear();

  expect(states(askers)).toEqual(askers.map(() => 'taken'));
  expect(limiter).toMatchObject({ underWay: 12, waiting: 0 });
  expect(clock.pending).toBe(0);
});

test('an adaptive limit keeps what it has learnt over a reload, and whom it lets in is let in at once', async () => {
  const { clock, limiter } = limiterOf({ limit: 'adaptive', queue: 1_000 });
  const running: Asker[] = [];
  const step = async () => {
    while (limiter.waiting < 20) running.push(new Asker(limiter));
    await hear();
    clock.advance(10);
    for (const { slot } of running.filter(({ state }) => state === 'taken')) {
      slot?.sample({ wasDropped: false, rttMs: 10 });
      slot?.release();
    }
    running.splice(0, running.length, ...running.filter(({ state }) => state === 'waiting'));
  };
  for (let steps = 0; steps < 150; steps++) await step();
  const learnt = limiter.limit;

  limiter.update(configOf({ limit: 'adaptive', queue: 1_001 }));

  expect(learnt).toBeGreaterThan(20);
  expect(limiter.limit).toBe(learnt);
  expect(limiter.underWay).toBe(Math.min(learnt, limiter.underWay + limiter.waiting));
});

/** A walk in which requests come, end, leave and wait too long in any order, under limits that change. */
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('come' as const),
      priority: fc.constantFrom<Priority>('high', 'normal', 'low'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('release' as const, 'leave' as const), which: fc.nat(100) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      limit: fc.integer({ min: 1, max: 4 }),
      queue: fc.nat(4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 600 }) }) },
);

test('in any order of coming, going and waiting, each is served, shed or refused as a naive queue would do it', async () => {
  const rank = { high: 0, normal: 1, low: 2 };
  const walk = fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
    const { clock, limiter } = limiterOf({ limit: 2, queue: 3 });
    let [limit, queue] = [2, 3];
    const askers: Asker[] = [];
    const model: Array<{ state: Asker['state'] | 'released'; priority: Priority; late: number }> = [];
    /** Numbers of those that wait, in the order of their turns. */
    const waiting = () =>
      [...model.keys()]
        .filter((at) => model[at]?.state === 'waiting')
        .sort((a, b) => rank[model[a]?.priority ?? 'low'] - rank[model[b]?.priority ?? 'low'] || a - b);
    const underWay = () => model.filter(({ state }) => state === 'taken').length;
    const become = (at: number | undefined, state: 'taken' | 'refused' | 'left' | 'released') => {
      const each = at === undefined ? undefined : model[at];
      if (each !== undefined) each.state = state;
    };
    const admit = () => {
      while (underWay() < limit && waiting().length > 0) become(waiting()[0], 'taken');
    };
    for (const step of steps) {
      if (step.kind === 'come') {
        const last = waiting().at(-1);
        const isFull = waiting().length >= queue;
        const makesRoom = isFull && last !== undefined && rank[model[last]?.priority ?? 'high'] > rank[step.priority];
        const state = underWay() < limit ? 'taken' : !isFull || makesRoom ? 'waiting' : 'refused';
        if (state === 'waiting' && makesRoom) become(last, 'refused');
        model.push({ state, priority: step.priority, late: clock.monotonic() + 1_000 });
        askers.push(new Asker(limiter, step.priority));
      } else if (step.kind === 'update') {
        [limit, queue] = [step.limit, step.queue];
        limiter.update(configOf({ limit, queue }));
      } else if (step.kind === 'pass') {
        clock.advance(step.ms);
        for (const each of model)
          if (each.state === 'waiting' && each.late <= clock.monotonic()) each.state = 'refused';
      } else {
        const at = step.which % Math.max(1, askers.length);
        if (step.kind === 'leave') {
          askers[at]?.leave();
          if (model[at]?.state === 'waiting') become(at, 'left');
        } else {
          askers[at]?.slot?.release();
          if (model[at]?.state === 'taken') become(at, 'released');
        }
      }
      admit();
      await hear();
      expect(states(askers)).toEqual(model.map(({ state }) => (state === 'released' ? 'taken' : state)));
      expect(limiter).toMatchObject({ underWay: underWay(), waiting: waiting().length });
      expect(clock.pending).toBe(waiting().length);
    }
  });
  await fc.assert(walk, { seed: 7, numRuns: 200 });
});
