import type { Context } from '../context.js';
import type { Ending } from '../ending.js';
import type { Frame } from '../render/frame.js';
import { clearScreen, enterScreen, frameDifference, leaveScreen } from '../render/frame.js';
import type { Terminal } from '../terminal.js';

const ctrlC = '\u0003';
const ctrlZ = '\u001a';

/** Characters. A terminal that is stopped (Ctrl-S) gets the newest picture when it goes on, and not all that it missed. */
const longestBacklog = 10_000;

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What is shown, drawn anew again and again. */
export interface LiveView<Seen> {
  /** Milliseconds between two looks. */
  readonly interval: number;
  look(): Promise<Seen>;
  /** @param at milliseconds since 1970, when it was looked */
  render(seen: Seen, at: number, size: ScreenSize): Frame;
}

/** Can it have a screen of its own? */
export function hasScreen({ isInteractive, environment }: Terminal): boolean {
  return isInteractive && environment.TERM !== 'dumb'; // the terminal of an editor: it knows lines alone
}

/** Shows it on a screen of its own until `q`, which is given back however this ends. */
export async function showLive<Seen>(
  { terminal }: Context,
  { interval, look, render }: LiveView<Seen>,
  ending: Ending,
): Promise<void> {
  const { stdout } = terminal;
  let seen = await look();
  let at = terminal.now();
  let shown: Frame = [];
  let offKey = () => {};
  const draw = () => {
    if (stdout.backlog() > longestBacklog) return;
    const next = render(seen, at, { columns: stdout.columns(), rows: stdout.rows() });
    stdout.write(frameDifference(shown, next));
    shown = next;
  };
  const enter = () => {
    stdout.write(enterScreen);
    shown = [];
    offKey = terminal.onKey((key) => {
      if (key === 'q' || key === 'Q' || key === ctrlC) ending.come(0);
      if (key === ctrlZ) void stepAside();
    });
  };
  const leave = () => {
    offKey();
    stdout.write(leaveScreen);
  };
  const stepAside = async () => {
    leave();
    await stdout.flushed();
    await terminal.suspend();
    enter();
    draw();
  };
  const offResize = terminal.onResize(() => {
    stdout.write(clearScreen);
    shown = [];
    draw();
  });
  enter();
  try {
    while (!ending.hasCome) {
      draw();
      await terminal.pause(interval, ending.signal);
      if (ending.hasCome) return;
      seen = await look();
      at = terminal.now();
    }
  } finally {
    offResize();
    leave();
  }
}
