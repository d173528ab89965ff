import { isAbsolute, relative } from 'node:path';
import type { Control } from '../admin/control.js';
import { schemaVersion } from '../admin/schema-version.js';
import { readShape } from '../config/read-shape.js';
import type { ScenarioConfig, Shape } from '../config/shaping-configs.js';
import { configOf } from '../config/snapshot.js';
import { MeshError } from '../foundation/errors.js';
import { nearest } from '../foundation/text.js';
import type { Rooms } from './assemble.js';
import { viewScenario } from './shaping-view.js';
import { viewShapingOf } from './views.js';

type ShapingControl = Pick<Control, 'shaping' | 'shape' | 'scenarios' | 'startScenario' | 'stopScenario'>;

/** The part of the control that shapes traffic at run time. @param refuseUnknown throws for a service that is not there */
export function shapingControlOf(rooms: Rooms, refuseUnknown: (rooms: Rooms, name: string) => void): ShapingControl {
  const { shapes, scenarios } = rooms;
  const view = (scenario: ScenarioConfig) => viewScenario(scenario, scenarios.run);
  return {
    shaping(name) {
      refuseUnknown(rooms, name);
      return viewShapingOf(rooms, name);
    },
    shape(name, wish) {
      refuseUnknown(rooms, name);
      if (wish !== undefined && !configOf(rooms.snapshot, name).expose) {
        throw new MeshError(
          'invalid_request',
          `\`${name}\` is a worker: nobody calls it, so there is nothing to shape`,
        );
      }
      if (wish === undefined) shapes.clear(name);
      else {
        const reading = readShape(wish.values, rooms.snapshot.directory);
        if (reading.kind === 'invalid') throw new MeshError('invalid_request', reading.problems.join('; '));
        refuseForeignFiles(reading.shape, rooms.snapshot.directory);
        shapes.set(name, reading.shape, wish.by, wish.duration);
      }
      return viewShapingOf(rooms, name);
    },
    scenarios: () => ({ schemaVersion, scenarios: [...known(rooms).values()].map(view) }),
    startScenario(name) {
      const scenario = scenarioOf(rooms, name);
      scenarios.start(scenario);
      return view(scenario);
    },
    stopScenario(name) {
      const scenario = scenarioOf(rooms, name);
      scenarios.stop(name);
      return view(scenario);
    },
  };
}

/** Whoever may shape traffic could else have the gateway hand out any file of this machine. @throws invalid_request */
function refuseForeignFiles({ faults = [] }: Shape, directory: string): void {
  for (const [index, { effect }] of faults.entries()) {
    if (effect.kind !== 'mock' || effect.answer.body.kind !== 'file') continue;
    const path = relative(directory, effect.answer.body.file);
    if (path.startsWith('..') || isAbsolute(path)) {
      throw new MeshError('invalid_request', `faults[${index}].mock.file: lies outside of the mesh file's folder`);
    }
  }
}

/** Those of the mesh file, and the one that runs: the file may have lost it meanwhile. */
function known({ snapshot, scenarios }: Rooms): ReadonlyMap<string, ScenarioConfig> {
  const { run } = scenarios;
  if (run?.state !== 'running') return snapshot.scenarios;
  return new Map([...snapshot.scenarios, [run.scenario.name, run.scenario]]);
}

function scenarioOf(rooms: Rooms, name: string): ScenarioConfig {
  const scenarios = known(rooms);
  const scenario = scenarios.get(name);
  if (scenario !== undefined) return scenario;
  const meant = nearest(name, [...scenarios.keys()]);
  throw new MeshError('unknown_scenario', `The mesh file has no scenario \`${name}\``, {
    ...(meant === undefined ? {} : { hint: `Did you mean \`${meant}\`?` }),
  });
}
