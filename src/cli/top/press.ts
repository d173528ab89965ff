import type { Key } from '../keys.js';
import { layoutOf } from './layout.js';
import { quickFaults } from './quick-faults.js';
import type { Row } from './rows.js';
import { rowsOf } from './rows.js';
import { nextSort } from './sort.js';
import type { LogsMode, TopState } from './state.js';
import type { Effect, Step } from './step.js';
import { only } from './step.js';

/** What a key does, which depends on what is on the screen. */
export function press(state: TopState, key: Key): Step {
  if (key.kind === 'ctrl-c') return { state, effects: [{ kind: 'quit' }] };
  if (key.kind === 'ctrl-l') return { state, effects: [{ kind: 'repaint' }] };
  switch (state.mode.kind) {
    case 'browsing':
      return browse(state, key);
    case 'filtering':
      return filter(state, key);
    case 'faults':
      return choose(state, state.mode, key);
    case 'help':
      return isKey(key, 'q') ? quit(state) : only(key.kind === 'pasted' ? state : browsing(state));
    case 'logs':
      return read(state, state.mode, key);
  }
}

/** Rows that PgUp and PgDn leave standing, so that the eye finds its place. */
const overlap = 1;

function browse(state: TopState, key: Key): Step {
  const page = Math.max(1, layoutOf(state).rows - overlap);
  const rows = rowsOf(state);
  const to = (index: number) => only(moved(state, rows, index));
  const { index } = state.cursor;
  const row = rows[index];
  switch (key.kind) {
    case 'up':
      return to(index - 1);
    case 'down':
      return to(index + 1);
    case 'page-up':
      return to(index - page);
    case 'page-down':
      return to(index + page);
    case 'home':
      return to(0);
    case 'end':
      return to(rows.length - 1);
    case 'enter':
      return only(row === undefined ? state : opened(state, row, !state.expanded.has(row.service.name)));
    case 'right':
      return only(row === undefined ? state : opened(state, row, true));
    case 'left':
      return only(row === undefined ? state : opened(state, row, false));
    case 'escape':
      return only({ ...state, filter: '', errorsOnly: false });
    case 'character':
      return command(state, rows, key.character);
    default:
      return only(state);
  }
}

function command(state: TopState, rows: readonly Row[], character: string): Step {
  const { index } = state.cursor;
  const row = rows[index];
  switch (character) {
    case 'j':
      return only(moved(state, rows, index + 1));
    case 'k':
      return only(moved(state, rows, index - 1));
    case 'g':
      return only(moved(state, rows, 0));
    case 'G':
      return only(moved(state, rows, rows.length - 1));
    case ' ':
      return browse(state, { kind: 'enter' });
    case 's':
      return only({ ...state, sort: nextSort(state.sort) });
    case 'r':
      return only({ ...state, sort: { ...state.sort, isReversed: !state.sort.isReversed } });
    case '/':
      return only({ ...state, mode: { kind: 'filtering' } });
    case 'e':
      return only({ ...state, errorsOnly: !state.errorsOnly });
    case 'p':
      return only({ ...state, isPaused: !state.isPaused, view: state.latest });
    case '?':
    case 'h':
      return only({ ...state, mode: { kind: 'help' } });
    case 'l':
      return row === undefined ? only(state) : openLogs(state, row);
    case 'f':
      return only(row === undefined ? state : openFaults(state, row));
    case 'q':
    case 'Q':
      return quit(state);
    default:
      return only(state);
  }
}

function moved(state: TopState, rows: readonly Row[], index: number): TopState {
  const at = Math.max(0, Math.min(index, rows.length - 1));
  return { ...state, cursor: { key: rows[at]?.key, index: at } };
}

/** On a part of it, Enter folds the service, and the cursor goes there. */
function opened(state: TopState, { service }: Row, isOpen: boolean): TopState {
  const { name } = service;
  const others = [...state.expanded].filter((one) => one !== name);
  const cursor = isOpen ? state.cursor : { ...state.cursor, key: name };
  return { ...state, expanded: new Set(isOpen ? [...others, name] : others), cursor };
}

/** What the mesh runs as one process has output of its own. */
function openLogs(state: TopState, row: Row): Step {
  const isOne = row.kind === 'instance' && row.instance.source === 'process';
  const target = isOne ? row.instance.id : row.kind === 'process' ? row.process.replica : row.service.name;
  const mode: LogsMode = { kind: 'logs', target, entries: [], back: 0, isWhole: false, ended: undefined };
  return { state: { ...state, mode }, effects: [{ kind: 'follow', target }] };
}

function openFaults(state: TopState, { service }: Row): TopState {
  if (service.expose) return { ...state, mode: { kind: 'faults', service: service.name, chosen: 0 } };
  return { ...state, notice: { words: `${service.name} is a worker: nobody calls it`, tone: 'busy' } };
}

/** What is typed filters at once; Enter keeps it, Esc shows all again. */
function filter(state: TopState, key: Key): Step {
  switch (key.kind) {
    case 'character':
    case 'pasted':
      return only({ ...state, filter: state.filter + key.character });
    case 'backspace':
      return only({ ...state, filter: Array.from(state.filter).slice(0, -1).join('') });
    case 'ctrl-u':
      return only({ ...state, filter: '' });
    case 'enter':
      return only(browsing(state));
    case 'escape':
      return only(browsing({ ...state, filter: '' }));
    case 'up':
    case 'down':
    case 'page-up':
    case 'page-down':
      return browse(state, key);
    default:
      return only(state);
  }
}

function choose(state: TopState, mode: Extract<TopState['mode'], { kind: 'faults' }>, key: Key): Step {
  const last = quickFaults.length - 1;
  const at = (chosen: number) => only({ ...state, mode: { ...mode, chosen: Math.max(0, Math.min(chosen, last)) } });
  if (key.kind === 'up' || isKey(key, 'k')) return at(mode.chosen - 1);
  if (key.kind === 'down' || isKey(key, 'j')) return at(mode.chosen + 1);
  if (key.kind === 'home') return at(0);
  if (key.kind === 'end') return at(last);
  if (key.kind === 'escape' || isKey(key, 'f')) return only(browsing(state));
  if (isKey(key, 'q')) return quit(state);
  const fault = key.kind === 'enter' ? quickFaults[mode.chosen] : quickFaults.find((one) => isKey(key, one.key));
  if (fault === undefined) return only(state);
  return { state: browsing(state), effects: [{ kind: 'shape', service: mode.service, fault }] };
}

function read(state: TopState, mode: LogsMode, key: Key): Step {
  const page = Math.max(1, layoutOf(state).pane - 1 - overlap);
  const most = Math.max(0, mode.entries.length - 1);
  const at = (back: number) => only({ ...state, mode: { ...mode, back: Math.max(0, Math.min(back, most)) } });
  if (key.kind === 'up' || isKey(key, 'k')) return at(mode.back + 1);
  if (key.kind === 'down' || isKey(key, 'j')) return at(mode.back - 1);
  if (key.kind === 'page-up') return at(mode.back + page);
  if (key.kind === 'page-down') return at(mode.back - page);
  if (key.kind === 'home' || isKey(key, 'g')) return at(most);
  if (key.kind === 'end' || isKey(key, 'G')) return at(0);
  if (key.kind === 'enter') return only({ ...state, mode: { ...mode, isWhole: !mode.isWhole } });
  if (key.kind === 'escape' || isKey(key, 'l')) {
    return { state: browsing(state), effects: [{ kind: 'unfollow' }] };
  }
  return isKey(key, 'q') ? quit(state) : only(state);
}

function browsing(state: TopState): TopState {
  return { ...state, mode: { kind: 'browsing' } };
}

function isKey(key: Key, character: string): boolean {
  return key.kind === 'character' && key.character === character;
}

const quitting: readonly Effect[] = [{ kind: 'quit' }];

function quit(state: TopState): Step {
  return { state, effects: quitting };
}
