import { printable } from '../../../foundation/text.js';
import type { TopState } from '../../top/state.js';
import type { Paint } from '../paint.js';
import { endOf, textWidth } from '../width.js';

const keys: ReadonlyArray<readonly [key: string, meaning: string]> = [
  ['↑ ↓ j k', 'select; PgUp, PgDn, Home, End go further'],
  ['enter', 'open the service: its instances, who calls it, whom it calls'],
  ['s', 'sort by the next column; ▲▼ tells by which'],
  ['r', 'reverse the order'],
  ['/', 'filter by name: enter keeps it, esc shows all'],
  ['e', 'only services with errors, or that are not well'],
  ['l', 'its output, live; enter: the whole screen, esc: back'],
  ['f', 'trouble for the service, for a minute: delays, errors, resets'],
  ['p', 'pause the picture; numbers are counted on'],
  ['esc', 'close what is open; clear the filter'],
  ['ctrl-l', 'draw the screen anew'],
  ['q', 'quit'],
];

export function keysInHelp(lines: number, paint: Paint): string[] {
  const width = Math.max(...keys.map(([key]) => key.length));
  const rows = keys.map(([key, meaning]) => `  ${paint.bold(key.padEnd(width))}  ${meaning}`);
  const legend = [
    '',
    '  Numbers are those of the last 10 seconds, as in mesh ls.',
    '  Each sparkline is as high as its own highest value; a gap had no requests.',
  ];
  return [...rows, ...legend].slice(0, lines);
}

/** The last line: the keys of what is on the screen, as many as there is room for. */
export function renderFooter({ mode, filter, size }: TopState, paint: Paint): string {
  if (mode.kind === 'filtering') {
    const typed = endOf(printable(filter), size.columns - 2); // what is typed is at its end
    return `/${typed}${paint.inverse(' ')} ${paint.dim('enter keeps it, esc shows all')}`;
  }
  let kept = footers[mode.kind];
  while (textWidth(lineOf(kept)) > size.columns && kept.length > 1) {
    const least = Math.max(...kept.map(({ spare }) => spare));
    kept = kept.filter(({ spare }) => spare !== least);
  }
  return kept.map(({ key, word }) => `${paint.bold(key)} ${paint.dim(word)}`).join('  ');
}

interface Hint {
  readonly key: string;
  readonly word: string;
  /** Where there is no room for all, those with the highest number are left out first. */
  readonly spare: number;
}

function lineOf(hints: readonly Hint[]): string {
  return hints.map(({ key, word }) => `${key} ${word}`).join('  ');
}

const quitHint: Hint = { key: 'q', word: 'quit', spare: 0 };
const backHint: Hint = { key: 'esc', word: 'back', spare: 1 };

const footers: Readonly<Record<Exclude<TopState['mode']['kind'], 'filtering'>, readonly Hint[]>> = {
  browsing: [
    { key: '↑↓', word: 'select', spare: 10 },
    { key: 'enter', word: 'open', spare: 4 },
    { key: 's', word: 'sort', spare: 6 },
    { key: 'r', word: 'reverse', spare: 9 },
    { key: '/', word: 'filter', spare: 3 },
    { key: 'e', word: 'errors', spare: 7 },
    { key: 'l', word: 'logs', spare: 2 },
    { key: 'f', word: 'fault', spare: 5 },
    { key: 'p', word: 'pause', spare: 8 },
    { key: '?', word: 'help', spare: 1 },
    quitHint,
  ],
  faults: [{ key: '↑↓', word: 'choose', spare: 3 }, { key: 'enter', word: 'do it', spare: 2 }, backHint, quitHint],
  help: [{ key: 'any key', word: 'back', spare: 1 }, quitHint],
  logs: [
    { key: '↑↓', word: 'scroll', spare: 3 },
    { key: 'end', word: 'follow', spare: 4 },
    { key: 'enter', word: 'whole screen', spare: 2 },
    backHint,
    quitHint,
  ],
};
