import type { AdminClient } from '../../admin/client.js';
import type { ScenarioView } from '../../admin/shaping-wire.js';
import { printable } from '../../foundation/text.js';
import type { Context } from '../context.js';
import { Ending } from '../ending.js';
import { renderProgress, renderScenario, renderScenarios, renderStep } from '../render/shaping.js';
import { clip } from '../render/width.js';
import { signalExitCodes } from '../terminal.js';

interface JsonOption {
  readonly json?: boolean;
}

/** Milliseconds between two looks at a scenario that runs: its steps are seconds apart. */
const lookInterval = 1_000;

export async function listScenarios(context: Context, client: AdminClient, { json }: JsonOption): Promise<number> {
  const { scenarios } = await client.scenarios();
  if (json) context.printDocument({ scenarios });
  else context.print(renderScenarios(scenarios, context.paint));
  return 0;
}

export async function stopRunning(context: Context, client: AdminClient, { json }: JsonOption): Promise<number> {
  const { scenarios } = await client.scenarios();
  const running = scenarios.find(({ run }) => run?.state === 'running');
  const scenario = running === undefined ? null : await client.stopScenario(running.name);
  if (json) context.printDocument({ scenario });
  else context.print(scenario === null ? 'No scenario is running.' : endOf(scenario));
  return 0;
}

/** Begins it, and tells of its steps until it has ended. It runs in the mesh: Ctrl-C stops it there, any other end does not. */
export async function playScenario(
  context: Context,
  client: AdminClient,
  name: string,
  { json }: JsonOption,
): Promise<number> {
  const ending = new Ending(context.terminal);
  try {
    const begun = await client.startScenario(name);
    const teller = json ? silence : new Teller(context);
    teller.begin(begun);
    const seen = await follow(context, client, begun, teller, ending);
    teller.end();
    const last = ending.exitCode === signalExitCodes.SIGINT ? await client.stopScenario(name) : seen;
    if (json) context.printDocument({ scenario: last });
    else context.print(endOf(last));
    // Whoever waits for a scenario to be over must learn that it was not played to its end.
    return last.run?.state === 'ended' || ending.hasCome ? ending.exitCode : 1;
  } finally {
    ending.close();
  }
}

/** The scenario as it was seen last: its end, or as it was when this command was to end. */
async function follow(
  { terminal }: Context,
  client: AdminClient,
  begun: ScenarioView,
  teller: Pick<Teller, 'tell'>,
  ending: Ending,
): Promise<ScenarioView> {
  let seen = begun;
  for (;;) {
    teller.tell(seen);
    if (seen.run?.state !== 'running') return seen;
    await terminal.pause(lookInterval, ending.signal);
    if (ending.hasCome) return seen;
    const now = (await client.scenarios()).scenarios.find((scenario) => scenario.name === begun.name);
    // Gone from the mesh file, or begun anew by somebody else: this run of it is to be seen no more.
    if (now?.run?.since !== begun.run?.since) return { ...seen, run: null };
    seen = now ?? seen;
  }
}

/** What is printed of a run: its plan, its steps as they are taken, and on a terminal a line that moves on. */
class Teller {
  readonly #context: Context;
  readonly #hasScreen: boolean;
  #told = 0;
  /** The line that moves on stands there. */
  #isMoving = false;

  constructor(context: Context) {
    const { stdout, environment } = context.terminal;
    this.#context = context;
    this.#hasScreen = stdout.isTerminal && environment.TERM !== 'dumb';
  }

  begin(scenario: ScenarioView): void {
    this.#context.print(renderScenario(scenario, this.#context.paint));
  }

  tell(scenario: ScenarioView): void {
    const { stdout } = this.#context.terminal;
    const done = scenario.run?.done ?? this.#told;
    if (this.#hasScreen) stdout.write(wipe);
    this.#isMoving = false;
    for (; this.#told < done; this.#told++) {
      this.#context.print(renderStep(scenario, this.#told, this.#context.paint));
    }
    if (!this.#hasScreen || scenario.run?.state !== 'running') return;
    const progress = renderProgress(scenario, scenario.run, this.#context.terminal.now(), this.#context.paint);
    stdout.write(clip(progress, stdout.columns() - 1)); // a full line would break, and could not be wiped
    this.#isMoving = true;
  }

  /** What is told behind it stands on a line of its own, and not behind `^C`. */
  end(): void {
    if (this.#isMoving) this.#context.terminal.stdout.write(wipe);
    this.#isMoving = false;
  }
}

const silence: Pick<Teller, 'begin' | 'tell' | 'end'> = { begin() {}, tell() {}, end() {} };

const wipe = '\r\u001b[K';

function endOf({ name, run }: ScenarioView): string {
  const scenario = `the scenario ${printable(name)}`;
  switch (run?.state) {
    case 'ended':
      return `${scenario} has ended`;
    case 'stopped':
      return `${scenario} has been stopped: what it had set is cleared`;
    case 'running':
      return `${scenario} goes on in the mesh: \`mesh shape --stop\` stops it`;
    case undefined:
      return `${scenario} is not to be seen any more: the mesh file has changed, or somebody has begun it anew`;
  }
}
