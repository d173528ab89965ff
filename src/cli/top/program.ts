import type { AdminClient } from '../../admin/client.js';
import type { OverviewView } from '../../admin/overview-wire.js';
import { MeshError } from '../../foundation/errors.js';
import type { Context } from '../context.js';
import type { Ending } from '../ending.js';
import type { Style } from '../render/top/screen.js';
import { renderTop } from '../render/top/screen.js';
import { Screen } from '../screen.js';
import { signatureOf } from '../signature.js';
import type { Terminal } from '../terminal.js';
import { LogReader } from './log-reader.js';
import { faultTime } from './quick-faults.js';
import type { MeshSource } from './source.js';
import type { Notice, TopState, TopWishes } from './state.js';
import { beginTop } from './state.js';
import type { Effect, Message } from './step.js';
import { update } from './update.js';

export interface TopPlan extends TopWishes {
  readonly source: MeshSource;
  readonly style: Style;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

/** Shows `mesh top` until somebody quits. @throws MeshError when there is no mesh at the beginning */
export async function showTop({ terminal }: Context, plan: TopPlan, ending: Ending): Promise<void> {
  const view = await plan.source.look();
  await new TopProgram(terminal, plan, ending, view).run();
}

/** The loop around `update`: what happens goes in, what shall be done comes out, and the picture follows. */
class TopProgram {
  readonly #terminal: Terminal;
  readonly #plan: TopPlan;
  readonly #ending: Ending;
  readonly #screen: Screen;
  readonly #logs: LogReader;
  #state: TopState;
  #isDrawDue = false;

  constructor(terminal: Terminal, plan: TopPlan, ending: Ending, view: OverviewView) {
    this.#terminal = terminal;
    this.#plan = plan;
    this.#ending = ending;
    this.#screen = new Screen(terminal, {
      onKey: (key) => this.#dispatch({ kind: 'key', key }),
      onBlank: () => this.#dispatch({ kind: 'resized', size: this.#screen.size }),
    });
    this.#logs = new LogReader(terminal, (message) => this.#dispatch(message));
    this.#state = beginTop(view, this.#screen.size, plan);
  }

  async run(): Promise<void> {
    const { source, interval } = this.#plan;
    this.#screen.open();
    try {
      this.#dispatch({ kind: 'resized', size: this.#screen.size });
      while (!this.#ending.hasCome) {
        await this.#terminal.pause(interval, this.#ending.signal);
        if (!this.#ending.hasCome) this.#dispatch(await look(source));
      }
    } finally {
      this.#logs.stop();
      this.#screen.close();
    }
  }

  #dispatch(message: Message): void {
    const { state, effects } = update(this.#state, message);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#drawSoon();
  }

  /** Keys that are held down, or pasted, come many at once: one picture is enough for all of them. */
  #drawSoon(): void {
    if (this.#isDrawDue) return;
    this.#isDrawDue = true;
    queueMicrotask(() => {
      this.#isDrawDue = false;
      this.#screen.draw(renderTop(this.#state, this.#plan.style));
    });
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'quit':
        this.#ending.come(0);
        break;
      case 'repaint':
        this.#screen.wipe();
        break;
      case 'follow':
        this.#logs.follow(this.#plan.source.client, effect.target);
        break;
      case 'unfollow':
        this.#logs.stop();
        break;
      case 'shape':
        void this.#shape(effect);
        break;
    }
  }

  /** What was done is to be seen at once. */
  async #shape(effect: Extract<Effect, { kind: 'shape' }>): Promise<void> {
    const { source } = this.#plan;
    const notice = await shape(source.client, effect, signatureOf(this.#terminal, 'mesh top'));
    this.#dispatch({ kind: 'told', notice });
    this.#dispatch(await look(source));
  }
}

async function look(source: MeshSource): Promise<Message> {
  try {
    return { kind: 'seen', view: await source.look() };
  } catch (thrown) {
    if (thrown instanceof MeshError) return { kind: 'lost', why: thrown.message };
    throw thrown;
  }
}

async function shape(
  client: AdminClient,
  { service, fault }: Extract<Effect, { kind: 'shape' }>,
  by: string,
): Promise<Notice> {
  try {
    if (fault.values === undefined) await client.clearShape(service);
    else await client.shape(service, { ...fault.values, for: faultTime, by });
    const words = fault.values === undefined ? 'as the mesh file says again' : `${fault.words}, for ${faultTime}`;
    return { words: `${service}: ${words}`, tone: 'good' };
  } catch (thrown) {
    if (thrown instanceof MeshError) return { words: thrown.message, tone: 'bad' };
    throw thrown;
  }
}
