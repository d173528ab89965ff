import type { Context } from '../context.js';
import type { Ending } from '../ending.js';
import type { Frame } from '../render/frame.js';
import type { ScreenSize } from '../screen.js';
import { Screen } from '../screen.js';

/** What is shown, drawn anew again and again. */
export interface LiveView<Seen> {
  /** Milliseconds between two looks. */
  readonly interval: number;
  look(): Promise<Seen>;
  /** @param at milliseconds since 1970, when it was looked */
  render(seen: Seen, at: number, size: ScreenSize): Frame;
}

/** Shows it on a screen of its own until `q`, which is given back however this ends. */
export async function showLive<Seen>(
  { terminal }: Context,
  { interval, look, render }: LiveView<Seen>,
  ending: Ending,
): Promise<void> {
  let seen = await look();
  let at = terminal.now();
  const draw = () => screen.draw(render(seen, at, screen.size));
  const screen = new Screen(terminal, {
    onKey(key) {
      const isQuit = key.kind === 'character' && key.character.toLowerCase() === 'q';
      if (isQuit || key.kind === 'ctrl-c') ending.come(0);
    },
    onBlank: draw,
  });
  screen.open();
  try {
    while (!ending.hasCome) {
      draw();
      await terminal.pause(interval, ending.signal);
      if (ending.hasCome) return;
      seen = await look();
      at = terminal.now();
    }
  } finally {
    screen.close();
  }
}
