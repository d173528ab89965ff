import type { ActiveShapeView, ScenarioView, ShapingView } from '../../src/admin/shaping-wire.js';
import type { ServiceView } from '../../src/admin/wire.js';
import { scenarioView, serviceView, shapingView, trafficView } from '../support/views.js';

/** Said at run time, without an end; a test names what is different. */
export function activeView(changes: Partial<ActiveShapeView> = {}): ActiveShapeView {
  return {
    shape: { faults: [{ delay: '200ms' }] },
    words: ['delay 200ms for 10%'],
    by: 'ann (mesh shape)',
    since: 0,
    until: null,
    ...changes,
  };
}

/** A service and how its traffic is shaped. */
export function shapedView(shaping: Partial<ShapingView>, changes: Partial<ServiceView> = {}): ServiceView {
  return serviceView({ ...changes, traffic: trafficView({ shaping: shapingView(shaping) }) });
}

/** Two steps, ten seconds apart. */
export function blackFriday(run: ScenarioView['run'], changes: Partial<ScenarioView> = {}): ScenarioView {
  const steps = [
    { at: 0, words: ['orders: delay 200ms', 'orders: abort 503'] },
    { at: 10_000, words: ['clear all'] },
  ];
  return scenarioView('black-friday', { steps, run, ...changes });
}
