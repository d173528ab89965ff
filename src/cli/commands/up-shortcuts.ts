import type { Control } from '../../admin/control.js';
import type { Context } from '../context.js';
import { widthOf } from '../context.js';
import { renderServices } from '../render/services.js';
import type { StopRequests } from '../stop-requests.js';

interface Shortcut {
  readonly key: string;
  readonly summary: string;
  run(): void;
}

/** Letters + enter while `mesh up` runs, for a person at a terminal: whole lines, so that scrolling logs do not matter. */
export function listenToShortcuts(
  context: Context,
  control: Pick<Control, 'services' | 'reload'>,
  stops: StopRequests,
): () => void {
  if (!context.terminal.isInteractive) return () => {};
  const shortcuts: readonly Shortcut[] = [
    { key: 'h', summary: 'show this help', run: () => context.note(help(shortcuts, context)) },
    {
      key: 'l',
      summary: 'list the services',
      run: () =>
        context.note(`\n${renderServices(control.services(), context.paintNote, widthOf(context.terminal.stderr))}\n`),
    },
    {
      key: 'r',
      summary: 'reload the mesh file',
      // Applied and rejected are told as events; only that nothing changed would go unsaid.
      run: () =>
        void control.reload().then(({ outcome, message }) => {
          if (outcome === 'unchanged') context.note(message);
        }),
    },
    { key: 'c', summary: 'clear the screen', run: () => context.terminal.stdout.write('\u001b[2J\u001b[3J\u001b[H') },
    { key: 'q', summary: 'stop everything and quit', run: () => stops.request() },
  ];
  return context.terminal.onLine((line) => {
    const typed = line.trim();
    const shortcut = shortcuts.find(({ key }) => key === typed);
    if (shortcut !== undefined) shortcut.run();
    else if (typed !== '') context.note('press h + enter to show help');
  });
}

function help(shortcuts: readonly Shortcut[], { paintNote }: Context): string {
  const lines = shortcuts.map(({ key, summary }) => `  ${paintNote.bold(key)} ${paintNote.dim('+ enter')}  ${summary}`);
  return ['', '  Shortcuts', ...lines, ''].join('\n');
}
