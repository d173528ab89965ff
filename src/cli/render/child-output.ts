import { printable } from '../../foundation/text.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colour sequences, and nothing else, are let through.
const colors = /\u001b\[[0-9;:]*m/g;
const reset = '\u001b[0m';

/**
 * A line that a program printed, fit for this terminal: its colours stay where colours are shown and vanish where they are
 * not; every other control is shown, never obeyed. A line that left a colour on is ended by a reset.
 */
export function childOutput(text: string, keepColors: boolean): string {
  let shown = '';
  let colored = false;
  let end = 0;
  for (const { 0: sequence, index } of text.matchAll(colors)) {
    shown += printable(text.slice(end, index));
    end = index + sequence.length;
    if (!keepColors) continue;
    shown += sequence;
    colored = sequence !== reset && sequence !== '\u001b[m';
  }
  shown += printable(text.slice(end));
  return colored ? shown + reset : shown;
}
