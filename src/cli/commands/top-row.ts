import { Option } from 'commander';
import type { CommandRow } from '../program.js';
import { sortNames } from '../top/sort.js';
import { interval } from './option-values.js';

/** `mesh top` in the table of commands. */
export const topRow: CommandRow = {
  name: 'top',
  group: 'Look',
  summary: 'Watch the traffic of each service, live',
  examples: [
    ['mesh top', 'the whole screen, until q; ? shows the keys'],
    ['mesh top --sort p99 --filter order', 'the slowest first, of those that are named so'],
    ['mesh top --once', 'one table, and no waiting'],
    ['mesh top --json | jq .services', 'one JSON document a second'],
  ],
  options: [
    new Option('--sort <column>', 'By which column (default: by name, and JSON as the mesh has them)').choices(
      sortNames,
    ),
    new Option('--filter <text>', 'Only services with that in their name').default('', 'all'),
    new Option('--interval <duration>', 'How often it is drawn anew').argParser(interval).default(1_000, '1s'),
    new Option('--once', 'Print once and end'),
    new Option('--json', 'Print NDJSON instead of text: one object a line'),
    new Option('-f, --file <path>', 'Mesh file (default: the nearest mesh.yaml, here or above)'),
  ],
  details: [
    'Off a terminal it prints a line for each service, again and again. When the mesh goes away, the screen waits for the next.',
    'Where the locale is not UTF-8, and on the Linux console, it draws with ASCII alone.',
  ].join('\n'),
  action: async (context, { opts }) => (await import('./top.js')).top(context, opts()),
};
