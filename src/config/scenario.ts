import { formatDuration } from '../foundation/units.js';
import { resolveShape } from './resolve-shaping.js';
import type { MeshFile } from './schema/mesh-file.js';
import type { StepFile } from './schema/scenarios.js';
import { everyService } from './schema/scenarios.js';
import type { ScenarioConfig, ScenarioStep } from './shaping-configs.js';
import type { WriteFile } from './shaping-text.js';
import { shapeText } from './shaping-text.js';

/** The scenarios of the file, each in the order of its times; what is at the same time, in the order of the file. */
export function resolveScenarios(
  scenarios: NonNullable<MeshFile['scenarios']>,
  directory: string,
): ReadonlyMap<string, ScenarioConfig> {
  return new Map(
    Object.entries(scenarios).map(([name, steps]) => [
      name,
      { name, steps: steps.map((step) => resolveStep(step, directory)).sort((left, right) => left.at - right.at) },
    ]),
  );
}

function resolveStep({ at, service, clear, fault, ...file }: StepFile, directory: string): ScenarioStep {
  if (service === undefined) {
    return { at, action: { kind: 'clear', service: clear === everyService ? undefined : clear } };
  }
  const faults = fault === undefined ? file.faults : [fault];
  return { at, action: { kind: 'shape', service, shape: resolveShape({ ...file, faults }, directory) } };
}

/** As the mesh file writes them. */
export function scenariosText(scenarios: ReadonlyMap<string, ScenarioConfig>, writeFile: WriteFile) {
  return Object.fromEntries(
    [...scenarios].map(([name, { steps }]) => [name, steps.map((step) => stepText(step, writeFile))]),
  );
}

function stepText({ at, action }: ScenarioStep, writeFile: WriteFile) {
  const time = formatDuration(at);
  if (action.kind === 'clear') return { at: time, clear: action.service ?? everyService };
  return { at: time, service: action.service, ...shapeText(action.shape, writeFile) };
}
