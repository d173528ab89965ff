import type { ScenarioConfig, ScenarioStep } from '../config/shaping-configs.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import type { Shapes } from './shapes.js';

/** One run of a scenario. */
export interface ScenarioRun {
  readonly scenario: ScenarioConfig;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Steps that have been taken. */
  readonly done: number;
  readonly state: 'running' | 'ended' | 'stopped';
}

export interface ScenariosRooms {
  readonly clock: Clock;
  readonly shapes: Shapes;
  /** A step was taken, or the run has ended; then `step` is undefined. */
  readonly tell: (run: ScenarioRun, step: ScenarioStep | undefined) => void;
}

/** Runs scenarios in the mesh, one at a time. What one has set stays when it has ended, unless its last step clears it. */
export class Scenarios {
  readonly #rooms: ScenariosRooms;
  #run: ScenarioRun | undefined;
  #cancelStep: Cancel = () => {};

  constructor(rooms: ScenariosRooms) {
    this.#rooms = rooms;
  }

  /** The latest run. */
  get run(): ScenarioRun | undefined {
    return this.#run;
  }

  /** @throws scenario_running */
  start(scenario: ScenarioConfig): void {
    if (this.#run?.state === 'running') {
      throw new MeshError('scenario_running', `The scenario \`${this.#run.scenario.name}\` is running`);
    }
    const run: ScenarioRun = { scenario, since: this.#rooms.clock.now(), done: 0, state: 'running' };
    this.#goOn(run, this.#rooms.clock.monotonic());
  }

  /** Ends it early, and clears what it has set. */
  stop(name: string): void {
    const run = this.#run;
    if (run?.state !== 'running' || run.scenario.name !== name) return;
    this.#cancelStep();
    this.#run = { ...run, state: 'stopped' };
    for (const { action } of run.scenario.steps.slice(0, run.done)) {
      if (action.kind === 'shape') this.#clearOwn(run.scenario, action.service);
    }
    this.#rooms.tell(this.#run, undefined);
  }

  /** Takes what is due, and waits for the next. @param begun milliseconds on the monotonic clock */
  #goOn(run: ScenarioRun, begun: number): void {
    const { clock, tell } = this.#rooms;
    this.#run = run;
    const next = run.scenario.steps[run.done];
    if (next === undefined) {
      this.#run = { ...run, state: 'ended' };
      tell(this.#run, undefined);
      return;
    }
    const wait = begun + next.at - clock.monotonic();
    if (wait > 0) {
      this.#cancelStep = clock.after(Math.ceil(wait), () => this.#goOn(run, begun));
      return;
    }
    this.#take(run.scenario, next);
    const after = { ...run, done: run.done + 1 };
    tell(after, next);
    this.#goOn(after, begun);
  }

  #take({ name }: ScenarioConfig, { action }: ScenarioStep): void {
    const { shapes } = this.#rooms;
    if (action.kind === 'shape') shapes.set(action.service, action.shape, signatureOf(name), undefined);
    else if (action.service === undefined) shapes.clearAll();
    else shapes.clear(action.service);
  }

  /** Not what somebody else has said of the service meanwhile. */
  #clearOwn({ name }: ScenarioConfig, service: string): void {
    const { shapes } = this.#rooms;
    if (shapes.of(service)?.by === signatureOf(name)) shapes.clear(service);
  }
}

function signatureOf(scenario: string): string {
  return `scenario ${scenario}`;
}
