import { printable } from '../../../foundation/text.js';
import { faultTime, quickFaults } from '../../top/quick-faults.js';
import type { LogEntry, LogsMode, Mode, TopState } from '../../top/state.js';
import { childOutput } from '../child-output.js';
import type { Paint } from '../paint.js';
import { tint } from '../paint.js';
import { clip, pad, textWidth } from '../width.js';
import { keysInHelp } from './help.js';

/** What is below the table, or in its place: so many lines, the first of which is its title. */
export function renderPane(state: TopState, lines: number, paint: Paint): string[] {
  const pane = paneOf(state.mode, state, lines, paint).slice(0, lines);
  return [...pane, ...Array.from({ length: lines - pane.length }, () => '')];
}

function paneOf(mode: Mode, state: TopState, lines: number, paint: Paint): string[] {
  switch (mode.kind) {
    case 'browsing':
    case 'filtering':
      return [];
    case 'help':
      return [title('Keys', state, paint), ...keysInHelp(lines - 1, paint)];
    case 'faults':
      return [
        title(`Trouble for ${printable(mode.service)}, for ${faultTime}`, state, paint),
        ...menu(mode, state, paint),
      ];
    case 'logs':
      return [logTitle(mode, state, paint), ...logLines(mode, state, lines - 1, paint)];
  }
}

/** `── Keys ─────` */
function title(words: string, { size }: TopState, paint: Paint): string {
  const rest = Math.max(0, size.columns - textWidth(words) - 4);
  return clip(`${paint.dim('──')} ${paint.bold(words)} ${paint.dim('─'.repeat(rest))}`, size.columns);
}

function menu({ service, chosen }: Extract<Mode, { kind: 'faults' }>, { view }: TopState, paint: Paint): string[] {
  const active = view.services.find(({ name }) => name === service)?.traffic.shaping.active ?? null;
  const inForce = active === null ? 'nothing said at run time' : active.words.join(', ');
  return [
    `  in force: ${active === null ? paint.dim(inForce) : tint(paint, 'busy', printable(inForce))}`,
    ...quickFaults.map(({ key, words }, index) => {
      const line = `${paint.bold(key)}  ${words}`;
      return index === chosen ? `${paint.cyan('❯')} ${line}` : `  ${line}`;
    }),
  ];
}

function logTitle(mode: LogsMode, state: TopState, paint: Paint): string {
  const behind = mode.back === 0 ? '' : `, ${mode.back} newer below`;
  return title(`Output of ${printable(mode.target)}${behind}`, state, paint);
}

function logLines(mode: LogsMode, { size }: TopState, room: number, paint: Paint): string[] {
  const end = mode.entries.length - mode.back;
  const last = mode.back === 0 && mode.ended !== undefined ? [tint(paint, 'busy', printable(mode.ended))] : [];
  const from = Math.max(0, end - Math.max(0, room - last.length));
  const shown = mode.entries.slice(from, end);
  if (shown.length + last.length === 0) return [paint.dim('nothing printed yet')];
  const names = shown.map((entry) => (entry.kind === 'line' ? printable(entry.line.replica) : 'mesh'));
  const width = Math.max(...names.map(textWidth));
  const lines = shown.map(
    (entry, index) => `${paint.dim(`${pad(names[index] ?? '', width)} │`)} ${said(entry, paint)}`,
  );
  return [...lines, ...last].map((line) => clip(line, size.columns));
}

function said(entry: LogEntry, paint: Paint): string {
  if (entry.kind === 'skipped') return paint.dim(`… ${entry.count} lines were left out`);
  const { text, stream } = entry.line;
  const line = withoutTabs(text);
  return stream === 'mesh' ? paint.dim(printable(line)) : childOutput(line, paint.level > 0);
}

/** A tab would jump to wherever the terminal has its stops. */
function withoutTabs(text: string): string {
  return text.replaceAll('\t', '    ');
}
