import { expect, test } from 'vitest';
import type { ScenarioConfig, Shape } from '../../src/config/shaping-configs.js';
import { Scenarios } from '../../src/mesh/scenarios.js';
import { Shapes } from '../../src/mesh/shapes.js';
import { ManualClock } from '../support/manual-clock.js';

const slow: Shape = { bandwidth: { up: undefined, down: 1_000, per: 'exchange' } };
const slower: Shape = { bandwidth: { up: undefined, down: 10, per: 'exchange' } };

function shaping() {
  const clock = new ManualClock();
  const said: string[] = [];
  const inForce = new Map<string, Shape>();
  const shapes = new Shapes({
    clock,
    put: (service, shape) => void (shape === undefined ? inForce.delete(service) : inForce.set(service, shape)),
    tell: (service, change) => said.push(`${service} ${change.kind === 'set' ? change.active.by : change.because}`),
  });
  const scenarios = new Scenarios({
    clock,
    shapes,
    tell: ({ done, state }, step) => said.push(step === undefined ? state : `step ${done}`),
  });
  return { clock, said, inForce, shapes, scenarios };
}

test('a shape lasts for as long as it was said to, and is then gone by itself', () => {
  const { clock, said, inForce, shapes } = shaping();
  shapes.set('orders', slow, 'anna', 30_000);
  expect(shapes.of('orders')).toMatchObject({ by: 'anna', since: clock.now(), until: clock.now() + 30_000 });
  clock.advance(29_999);
  expect(inForce.get('orders')).toBe(slow);
  clock.advance(1);
  expect([inForce.size, shapes.of('orders')]).toEqual([0, undefined]);
  expect(said).toEqual(['orders anna', 'orders its time is up']);
});

test('a shape stands in place of the one before, and the time of that is forgotten', () => {
  const { clock, inForce, shapes } = shaping();
  shapes.set('orders', slow, 'anna', 1_000);
  shapes.set('orders', slower, 'bert', undefined);
  clock.advance(60_000);
  expect(inForce.get('orders')).toBe(slower);
  shapes.clear('orders');
  expect([inForce.size, clock.pending]).toEqual([0, 0]);
});

test('to clear what was not said changes nothing, and tells nobody', () => {
  const { said, shapes } = shaping();
  shapes.clear('orders');
  expect(said).toEqual([]);
});

const shape = (at: number, service: string, wanted: Shape) =>
  ({ at, action: { kind: 'shape', service, shape: wanted } }) as const;
const clear = (at: number, service?: string) => ({ at, action: { kind: 'clear', service } }) as const;
const rush: ScenarioConfig = {
  name: 'rush',
  steps: [
    shape(0, 'orders', slow),
    shape(1_000, 'web', slow),
    clear(2_000, 'orders'),
    shape(2_000, 'web', slower),
    clear(3_000),
  ],
};

test('a scenario takes each step at its time, and two of one time in their order', () => {
  const { clock, said, inForce, scenarios } = shaping();
  scenarios.start(rush);
  expect([...inForce]).toEqual([['orders', slow]]);
  clock.advance(999);
  expect(inForce.size).toBe(1);
  clock.advance(1);
  expect([...inForce.keys()]).toEqual(['orders', 'web']);
  clock.advance(1_000);
  expect([...inForce]).toEqual([['web', slower]]);
  clock.advance(1_000);
  expect(inForce.size).toBe(0);
  expect(said.filter((line) => !line.includes(' ') || line.startsWith('step'))).toEqual([
    'step 1',
    'step 2',
    'step 3',
    'step 4',
    'step 5',
    'ended',
  ]);
  expect(scenarios.run).toMatchObject({ done: 5, state: 'ended' });
});

test('one runs at a time', () => {
  const { clock, scenarios } = shaping();
  scenarios.start(rush);
  expect(() => scenarios.start({ ...rush, name: 'other' })).toThrow('`rush` is running');
  clock.advance(3_000);
  scenarios.start({ ...rush, name: 'other' });
  expect(scenarios.run?.scenario.name).toBe('other');
});

test('one that is stopped takes no more steps, clears what it has set, and nothing that others have', () => {
  const { clock, said, inForce, shapes, scenarios } = shaping();
  scenarios.start(rush);
  clock.advance(1_000);
  shapes.set('web', slower, 'anna', undefined);
  scenarios.stop('rush');
  expect([...inForce]).toEqual([['web', slower]]);
  clock.advance(10_000);
  expect([...inForce]).toEqual([['web', slower]]);
  expect(said.at(-1)).toBe('stopped');
  expect(clock.pending).toBe(0);
});

test('what a scenario has set stays when it has ended without clearing it', () => {
  const { clock, inForce, scenarios } = shaping();
  scenarios.start({ name: 'short', steps: [shape(500, 'orders', slow)] });
  clock.advance(500);
  expect(scenarios.run?.state).toBe('ended');
  expect(inForce.get('orders')).toBe(slow);
});
