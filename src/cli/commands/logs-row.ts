import { InvalidArgumentError, Option } from 'commander';
import type { CommandRow } from '../program.js';

/** `mesh logs` in the table of commands. `-f` follows here, as everywhere else; the mesh file has its long name alone. */
export const logsRow: CommandRow = {
  name: 'logs',
  group: 'Look',
  arguments: '[service...]',
  summary: 'Show what the services have printed, and print',
  examples: [
    ['mesh logs', 'all that is kept: 5,000 lines of each service'],
    ['mesh logs web orders-2 -f', 'a service and one process of another, live'],
    ['mesh logs -f --tail 0', 'only what comes from now on'],
    ['mesh logs --since 5m --grep "timeout|refused"', 'what went wrong of late'],
    ['mesh logs --trace 4bf92f3577b34da6a3ce929d0e0e4736', 'what one request has left in the logs'],
    ['mesh logs -f --grep healthz -v', 'everything but the health checks'],
    ['mesh logs --json | jq -r .text', 'as data, and as it was printed'],
  ],
  options: [
    new Option('-f, --follow', 'Go on with every line as it comes, until Ctrl-C or the end of the mesh'),
    new Option(
      '-n, --tail <number>',
      'The newest so many lines of each service (default: all that are kept)',
    ).argParser(wholeNumber),
    new Option('--since <time>', 'Only lines from then on: 5m ago, or 2026-01-31T12:00:00Z'),
    new Option('--grep <regexp>', 'Only the lines that match a JavaScript regular expression'),
    new Option('-v, --invert-match', 'Only the lines that do not match it'),
    new Option('--trace <id>', 'Only the lines that name a request (x-request-id) or its trace').argParser(someId),
    new Option('--json', 'Print NDJSON instead of text: one object a line'),
    new Option('--file <path>', 'Mesh file (default: the nearest mesh.yaml, here or above)'),
  ],
  details: [
    'A line that names a trace leads to its request: `mesh explain TRACE`. With --json, `traceId` is the one that it names.',
    'Lines of several services come in the order in which they were printed. --tail counts the lines that --grep shows.',
    'A reader that is too slow for what is printed with -f is told how many lines it has missed.',
  ].join('\n'),
  action: async (context, { args, opts }) => (await import('./logs.js')).logs(context, args, opts()),
};

function someId(text: string): string {
  if (text === '') throw new InvalidArgumentError('Write the id of a request, or of a trace.');
  return text;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number, such as 100.');
  return Number(text);
}
