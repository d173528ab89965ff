import { Option } from 'commander';
import type { CommandRow } from '../program.js';
import { alertsRow } from './alerts-row.js';
import { graphRow } from './graph-row.js';
import { logsRow } from './logs-row.js';
import { duration, instanceId, pair, weight } from './option-values.js';
import { shapeOptions } from './shape-options.js';
import { topRow } from './top-row.js';

const file = () => new Option('-f, --file <path>', 'Mesh file (default: the nearest mesh.yaml, here or above)');
const json = () => new Option('--json', 'Print JSON instead of text');
const waitTimeout = (what: string) =>
  new Option('--wait-timeout <duration>', what).argParser(duration).default(60_000, '60s');

/** Every command for people. What one does is imported when it is called, and not before. */
export const commands: readonly CommandRow[] = [
  {
    name: 'up',
    group: 'Run',
    arguments: '[service...]',
    summary: 'Start the services and the gateway in front of them',
    examples: [
      ['mesh up', 'start everything, and stay until Ctrl-C'],
      ['mesh up -d', 'in the background; returns when every service is ready'],
      ['mesh up web orders', 'only these services and what they depend on'],
      ['mesh up -f shop.yaml', 'another mesh file'],
    ],
    options: [
      file(),
      new Option('-d, --detach', 'Run in the background, output in .mesh/mesh.log'),
      waitTimeout('How long the services may take to become ready'),
      new Option('--log-file <path>', 'The file that both outputs go to').hideHelp(),
    ],
    details: [
      'A change of the mesh file is taken up while it runs. The first Ctrl-C ends it in good order, the second at once.',
      'With -d, a mesh that does not become ready in time is stopped again, and the exit code is 4. Its output goes to',
      '.mesh/mesh.log, of 10 MiB at most; what came before is in .mesh/mesh.log.1 to .4.',
    ].join('\n'),
    action: async (context, { args, opts }) => (await import('./up.js')).up(context, args, opts()),
  },
  {
    name: 'down',
    group: 'Run',
    summary: 'Stop the mesh and its services',
    examples: [
      ['mesh down', 'stop the mesh of this folder'],
      ['mesh down -f shop.yaml', 'stop the mesh that runs from that file'],
    ],
    options: [file(), waitTimeout('How long it may take')],
    action: async (context, { opts }) => (await import('./down.js')).down(context, opts()),
  },
  {
    name: 'ls',
    group: 'Look',
    summary: 'List the services: where, how many instances, how they fare',
    examples: [
      ['mesh ls', 'a table'],
      ['mesh ls -w', 'the same, drawn anew each second until q'],
      ['mesh ls --json', 'the same as data, with every instance'],
    ],
    options: [new Option('-w, --watch', 'Go on, and show what changes'), json(), file()],
    action: async (context, { opts }) => (await import('./ls.js')).ls(context, opts()),
  },
  {
    name: 'inspect',
    group: 'Look',
    arguments: '<service>',
    summary: 'Show all that is known of a service',
    examples: [
      ['mesh inspect orders', 'its instances, and why one is not healthy'],
      ['mesh inspect orders --json', 'the same as data'],
    ],
    options: [json(), file()],
    action: async (context, { args, opts }) => (await import('./inspect.js')).inspect(context, args, opts()),
  },
  topRow,
  graphRow,
  alertsRow,
  {
    name: 'tail',
    group: 'Look',
    arguments: '[service]',
    summary: 'Watch the requests as they end',
    examples: [
      ['mesh tail', 'all of them, until Ctrl-C'],
      ['mesh tail orders --status 5xx', 'what fails in one service'],
      ['mesh tail --slow 200ms --path /checkout', 'what is slow in one place'],
      ['mesh tail --json | jq -r .id', 'as data, one JSON object a line'],
    ],
    options: [
      new Option('--status <statuses>', 'Only these: 503, 5xx, or 4xx,5xx'),
      new Option('--path <prefix>', 'Only paths that begin so'),
      new Option('--slow <duration>', 'Only those that took so long'),
      json(),
      file(),
    ],
    action: async (context, { args, opts }) => (await import('./tail.js')).tail(context, args, opts()),
  },
  {
    name: 'explain',
    group: 'Look',
    arguments: '[id]',
    summary: 'Tell the story of one request: where it went, what it waited for, what came of it',
    examples: [
      ['mesh explain --last', 'the one that ended last'],
      ['mesh explain 4bf92f3577b34da6a3ce929d0e0e4736', 'by its x-request-id, or the id of its trace'],
    ],
    options: [new Option('--last', 'The one that ended last'), json(), file()],
    details: [
      'The last thousand requests of each service are remembered, and 200 more that failed or were slow.',
      'Every answer carries its x-request-id.',
      'What the services have printed of it follows: `mesh logs --trace ID` shows all of that.',
      'What else belongs to its trace is drawn with it: further requests, and spans that services send (OpenTelemetry).',
    ].join('\n'),
    action: async (context, { args, opts }) => (await import('./explain.js')).explain(context, args, opts()),
  },
  logsRow,
  {
    name: 'register',
    group: 'Change',
    arguments: '<service> <address...>',
    summary: 'Add instances that run already',
    examples: [
      ['mesh register orders 127.0.0.1:4001', 'one instance'],
      ['mesh register orders 127.0.0.1:4001 127.0.0.1:4002', 'two'],
      ['mesh register orders 127.0.0.1:4003 --version v2 --weight 3', 'with a version, and three times the traffic'],
      ['mesh register orders 127.0.0.1:4004 --ttl 30s', 'gone when no heartbeat comes for 30 s'],
    ],
    options: [
      new Option('--id <id>', 'Its name (default: made of the address)').argParser(instanceId),
      new Option('--weight <number>', 'Share of the traffic beside its siblings; 0 gets none').argParser(weight),
      new Option('--version <version>', 'Version of the service that it runs'),
      new Option('--meta <name=value>', 'Free text by name; may be given several times').argParser(pair),
      new Option('--ttl <duration>', 'Removed when no heartbeat came for that long (default: it stays)'),
      json(),
      file(),
    ],
    details: 'The same address again is an update. Registrations outlive the mesh, until `mesh deregister`.',
    action: async (context, { args, opts }) => (await import('./register.js')).register(context, args, opts()),
  },
  {
    name: 'deregister',
    group: 'Change',
    arguments: '<service> [address]',
    summary: 'Take out instances that were registered',
    examples: [
      ['mesh deregister orders 127.0.0.1:4001', 'that one, by its address or its id'],
      ['mesh deregister orders', 'all that were registered for orders'],
    ],
    options: [json(), file()],
    action: async (context, { args, opts }) => (await import('./deregister.js')).deregister(context, args, opts()),
  },
  {
    name: 'split',
    group: 'Change',
    arguments: '<service> [shares...]',
    summary: 'Deal requests out to versions',
    examples: [
      ['mesh split orders v1=90 v2=10', 'a tenth goes to v2, exactly'],
      ['mesh split orders v1=50 v2=50 --by cookie:user', 'the same user always gets the same version'],
      ['mesh split orders', 'show what is in force'],
      ['mesh split orders --clear', 'as the mesh file says again'],
    ],
    options: [
      new Option('--by <what>', 'What of a request decides: header:NAME, cookie:NAME, query:NAME, sourceAddress, path'),
      new Option('--clear', 'Give way to the split of the mesh file again'),
      json(),
      file(),
    ],
    details: 'It holds until it is cleared or the mesh stops; the mesh file is not touched.',
    action: async (context, { args, opts }) => (await import('./split.js')).split(context, args, opts()),
  },
  {
    name: 'shape',
    group: 'Change',
    arguments: '[service]',
    summary: 'Shape traffic while it flows: faults, limits, scenarios',
    examples: [
      ['mesh shape orders --delay 200ms --percentage 10% --for 30s', 'a tenth is late, for half a minute'],
      ['mesh shape orders --abort 503 --match path=/pay', 'errors for some requests alone'],
      ['mesh shape orders --rate 100/s --limit 50', 'smooth what comes in'],
      ['mesh shape', 'what is shaped now, by whom, and until when'],
      ['mesh shape orders --clear', 'as the mesh file says again; without a service: all of them'],
      ['mesh shape --scenario black-friday', 'play a scenario of the mesh file'],
    ],
    options: [...shapeOptions(), json(), file()],
    details: [
      'It stands in place of what was said of the service before, until it is cleared, its time is up, or the mesh stops.',
      'The mesh file is touched with --save alone. Several faults in one call meet the same requests.',
      'While a scenario plays, Ctrl-C stops it and clears what it has set.',
    ].join('\n'),
    action: async (context, { args, opts }) => (await import('./shape.js')).shape(context, args, opts()),
  },
  {
    name: 'init',
    group: 'Mesh file',
    summary: 'Write a mesh file to start from',
    examples: [
      ['mesh init', 'mesh.yaml, from the scripts of package.json where there is one'],
      ['mesh init -f shop.yaml', 'under another name'],
    ],
    options: [
      new Option('-f, --file <path>', 'Where to write it').default('mesh.yaml'),
      new Option('--force', 'Overwrite the file that is there'),
    ],
    action: async (context, { opts }) => (await import('./init.js')).init(context, opts()),
  },
  {
    name: 'check',
    group: 'Mesh file',
    summary: 'Look for mistakes in the mesh file',
    examples: [
      ['mesh check', 'every mistake, with its line'],
      ['mesh check -f shop.yaml --json', 'for editors and CI'],
    ],
    options: [json(), file()],
    details: 'Exit code 0 when the file is valid, 2 when it is not.',
    action: async (context, { opts }) => (await import('./check.js')).check(context, opts()),
  },
  {
    name: 'config',
    group: 'Mesh file',
    summary: 'Print the mesh file as mesh understands it, with every default',
    examples: [
      ['mesh config', 'as YAML'],
      ['mesh config --json', 'as JSON'],
    ],
    options: [json(), file()],
    action: async (context, { opts }) => (await import('./config.js')).config(context, opts()),
  },
  {
    name: 'schema',
    group: 'Mesh file',
    summary: 'Print the JSON schema of the mesh file',
    examples: [['mesh schema > mesh.schema.json', 'for an editor that completes and checks YAML']],
    action: async (context) => (await import('./schema.js')).schema(context),
  },
  {
    name: 'token',
    group: 'Shell',
    summary: 'Print the token of the admin API',
    examples: [['curl -H "Authorization: Bearer $(mesh token)" $MESH_ADMIN_URL/v1/services', 'call the admin API']],
    options: [file()],
    action: async (context, { opts }) => (await import('./token.js')).token(context, opts()),
  },
  {
    name: 'completion',
    group: 'Shell',
    arguments: '[shell]',
    summary: 'Print the completion script for bash, zsh, fish or powershell',
    examples: [
      ['source <(mesh completion bash)', 'this shell'],
      ['mesh completion zsh > ~/.zfunc/_mesh', 'every zsh'],
      ['mesh completion fish | source', 'this fish'],
    ],
    details: 'In bash it needs the package bash-completion.',
    action: async (context, { args }) => (await import('./completion.js')).completion(context, args, commands),
  },
];

/** What the completion script calls; people do not. */
export const hiddenCommands: readonly CommandRow[] = [
  {
    name: 'complete',
    arguments: '[words...]',
    summary: 'Answer a shell that completes a command line',
    examples: [['mesh complete -- inspect ""', 'the names of the services']],
    action: async (context, { args }) => (await import('./completion.js')).complete(context, args, commands),
  },
];
