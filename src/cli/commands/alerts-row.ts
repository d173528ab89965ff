import { Option } from 'commander';
import type { CommandRow } from '../program.js';

/** `mesh alerts` in the table of commands. */
export const alertsRow: CommandRow = {
  name: 'alerts',
  group: 'Look',
  arguments: '[show] [name...]',
  summary: 'Show which alerts fire, and what was found when one did',
  examples: [
    ['mesh alerts', 'each alert at each service, those that fire first'],
    ['mesh alerts -w', 'the same, drawn anew each second until q'],
    ['mesh alerts show orders are failing', 'what failed, what was slow, what was printed when it fired'],
    ['mesh alerts show orders are failing --json', 'all of it as data'],
  ],
  options: [
    new Option('-w, --watch', 'Go on, and show what changes'),
    new Option('--service <service>', 'With `show`: only at this service'),
    new Option('--json', 'Print JSON instead of text'),
    new Option('-f, --file <path>', 'Mesh file (default: the nearest mesh.yaml, here or above)'),
  ],
  details: [
    'Alerts are written under `alerts` in the mesh file.',
    'What was found when one fired is saved in .mesh/alerts, too: the last 50 times.',
  ].join('\n'),
  action: async (context, { args, opts }) => (await import('./alerts.js')).alerts(context, args, opts()),
};
