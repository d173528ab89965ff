import type { ActiveShapeView, ScenarioView, ShapingView } from '../admin/shaping-wire.js';
import { describeFault, describeShape } from '../config/describe-shape.js';
import type { ScenarioConfig, ScenarioStep } from '../config/shaping-configs.js';
import { shapeText } from '../config/shaping-text.js';
import type { ServiceMemory } from '../gateway/service-memory.js';
import type { ScenarioRun } from './scenarios.js';
import type { ActiveShape } from './shapes.js';

/** How the traffic to a service is shaped, and what came of it. */
export function viewShaping(
  { configs, shaping }: ServiceMemory,
  active: ActiveShape | undefined,
  seed: number,
): ShapingView {
  const { rateLimit, concurrency, bandwidth, faults } = configs;
  const { rateLimiter, concurrency: limiter, faults: book } = shaping;
  return {
    rateLimit:
      rateLimit === undefined || rateLimiter === undefined
        ? null
        : { words: wordsOf({ rateLimit }), waiting: rateLimiter.waiting, ...rateLimiter.numbers },
    concurrency:
      concurrency === undefined || limiter === undefined
        ? null
        : {
            words: wordsOf({ concurrency }),
            limit: limiter.limit,
            underWay: limiter.underWay,
            waiting: limiter.waiting,
            refused: limiter.refusedLately,
          },
    bandwidth: bandwidth === undefined ? null : wordsOf({ bandwidth }),
    faults: faults.map((fault, index) => ({ words: describeFault(fault), met: book?.counts[index] ?? 0 })),
    seed,
    active: active === undefined ? null : viewActive(active),
  };
}

export function viewActive({ shape, by, since, until }: ActiveShape): ActiveShapeView {
  return { shape: { ...shapeText(shape) }, words: describeShape(shape), by, since, until: until ?? null };
}

/** @param run the latest one of any scenario */
export function viewScenario(scenario: ScenarioConfig, run: ScenarioRun | undefined): ScenarioView {
  const isOfIt = run?.scenario.name === scenario.name;
  return {
    name: scenario.name,
    steps: scenario.steps.map((step) => ({ at: step.at, words: stepInWords(step) })),
    run: isOfIt ? { since: run.since, done: run.done, state: run.state } : null,
  };
}

export function stepInWords({ action }: ScenarioStep): string[] {
  if (action.kind === 'clear') return [action.service === undefined ? 'clear all' : `clear ${action.service}`];
  return describeShape(action.shape).map((words) => `${action.service}: ${words}`);
}

function wordsOf(shape: Parameters<typeof describeShape>[0]): string {
  return describeShape(shape).join('; ');
}
