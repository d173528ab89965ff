import { Option } from 'commander';
import type { CommandRow } from '../program.js';

/** `mesh graph` in the table of commands. */
export const graphRow: CommandRow = {
  name: 'graph',
  group: 'Look',
  summary: 'Show who calls whom, how often, and how it fares',
  examples: [
    ['mesh graph', 'a line for each pair with traffic in the last 60 seconds'],
    ['mesh graph --mermaid > graph.mmd', 'a flowchart for a page of Markdown'],
    ['mesh graph --dot | dot -Tsvg > graph.svg', 'a picture by Graphviz'],
    ['mesh graph --json', 'as data'],
  ],
  options: [
    new Option('--mermaid', 'Print a flowchart for Mermaid').conflicts(['dot', 'json']),
    new Option('--dot', 'Print a graph for Graphviz').conflicts('json'),
    new Option('--json', 'Print JSON instead of text'),
    new Option('-f, --file <path>', 'Mesh file (default: the nearest mesh.yaml, here or above)'),
  ],
  details: [
    'The mesh knows a service as a caller by the door it calls through (ORDERS_URL).',
    'Whoever comes another way is one of the `clients`.',
  ].join('\n'),
  action: async (context, { opts }) => (await import('./graph.js')).graph(context, opts()),
};
