import type { OverviewView } from '../../admin/overview-wire.js';
import { layoutOf } from './layout.js';
import { press } from './press.js';
import { rowsOf } from './rows.js';
import type { LogEntry, LogsMode, TopState } from './state.js';
import { keptEntries } from './state.js';
import type { Message, Step } from './step.js';
import { only } from './step.js';

/** The whole of what `mesh top` does: whatever happens, and what is then. */
export function update(state: TopState, message: Message): Step {
  const step = react(state, message);
  return { ...step, state: settled(step.state) };
}

function react(state: TopState, message: Message): Step {
  switch (message.kind) {
    case 'key':
      return press({ ...state, notice: undefined }, message.key);
    case 'resized':
      return only({ ...state, size: message.size });
    case 'seen':
      return see(state, message.view);
    case 'lost':
      return only({ ...state, connection: { kind: 'lost', why: message.why } });
    case 'logged':
      return only(inLogs(state, message.target, (mode) => logged(mode, message.entries)));
    case 'log-ended':
      return only(inLogs(state, message.target, (mode) => ({ ...mode, ended: message.why })));
    case 'told':
      return only({ ...state, notice: message.notice });
  }
}

/** A mesh that is back may be another one: its output is read from the beginning. */
function see(state: TopState, view: OverviewView): Step {
  const { connection, mode } = state;
  const next: TopState = {
    ...state,
    latest: view,
    view: state.isPaused ? state.view : view,
    connection: { kind: 'live' },
  };
  if (connection.kind === 'live' || mode.kind !== 'logs') return only(next);
  const emptied: LogsMode = { ...mode, entries: [], back: 0, ended: undefined };
  return { state: { ...next, mode: emptied }, effects: [{ kind: 'follow', target: mode.target }] };
}

/** Lines of what is not looked at any more may still be on their way. */
function inLogs(state: TopState, target: string, change: (mode: LogsMode) => LogsMode): TopState {
  const { mode } = state;
  return mode.kind === 'logs' && mode.target === target ? { ...state, mode: change(mode) } : state;
}

/** Who has scrolled back keeps what is before the eyes. */
function logged(mode: LogsMode, more: readonly LogEntry[]): LogsMode {
  const entries = [...mode.entries, ...more].slice(-keptEntries);
  const back = mode.back === 0 ? 0 : Math.min(mode.back + more.length, entries.length - 1);
  return { ...mode, entries, back };
}

/** The cursor is on a row that is there, and that row is on the screen. */
function settled(state: TopState): TopState {
  const rows = rowsOf(state);
  const found = rows.findIndex(({ key }) => key === state.cursor.key);
  const index = found === -1 ? Math.max(0, Math.min(state.cursor.index, rows.length - 1)) : found;
  const room = Math.max(1, layoutOf(state).rows);
  const least = Math.max(0, index - room + 1);
  const first = Math.min(Math.max(state.first, least), index, Math.max(least, rows.length - room, 0));
  return { ...state, cursor: { key: rows[index]?.key, index }, first };
}
