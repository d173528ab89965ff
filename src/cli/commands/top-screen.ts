import type { AdminClient } from '../../admin/client.js';
import type { Context } from '../context.js';
import type { Ending } from '../ending.js';
import type { Frame } from '../render/frame.js';
import { clearScreen, enterScreen, frameDifference, leaveScreen } from '../render/frame.js';
import { renderTop } from '../render/top.js';

const ctrlC = '\u0003';

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
  const draw = () => {
    const next = renderTop(view, at, { columns: stdout.columns(), rows: stdout.rows() }, paint);
    stdout.write(frameDifference(shown, next));
    shown = next;
  };
  stdout.write(enterScreen);
  const offKey = terminal.onKey((key) => {
    if (key === 'q' || key === 'Q' || key === ctrlC) ending.come(0);
  });
  const offResize = terminal.onResize(() => {
    stdout.write(clearScreen);
    shown = [];
    draw();
  });
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
    offKey();
    stdout.write(leaveScreen);
  }
}
