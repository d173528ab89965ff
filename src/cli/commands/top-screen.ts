import type { AdminClient } from '../../admin/client.js';
import type { Context } from '../context.js';
import type { Ending } from '../ending.js';
import type { Frame } from '../render/frame.js';
import { clearScreen, enterScreen, frameDifference, leaveScreen } from '../render/frame.js';
import { renderTop } from '../render/top.js';

const ctrlC = '\u0003';
const ctrlZ = '\u001a';

/** Characters. A terminal that is stopped (Ctrl-S) gets the newest picture when it goes on, and not all that it missed. */
const longestBacklog = 10_000;

/** `mesh top` on a screen of its own, which is given back however this ends. */
export async function showTop(
  { terminal, paint }: Context,
  client: AdminClient,
  interval: number,
  ending: Ending,
): Promise<void> {
  const { stdout } = terminal;
  let view = await client.services();
  let at = terminal.now();
  let shown: Frame = [];
  let offKey = () => {};
  const draw = () => {
    if (stdout.backlog() > longestBacklog) return;
    const next = renderTop(view, at, { columns: stdout.columns(), rows: stdout.rows() }, paint);
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
      view = await client.services();
      at = terminal.now();
    }
  } finally {
    offResize();
    leave();
  }
}
