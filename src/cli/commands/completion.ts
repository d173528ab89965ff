import type { RootCommand } from '@bomb.sh/tab';
import tab from '@bomb.sh/tab/commander';
import { MeshError } from '../../foundation/errors.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { chooseMeshFile } from '../mesh-file.js';
import type { CommandRow } from '../program.js';
import { buildProgram } from '../program.js';
import type { Terminal } from '../terminal.js';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** How long a shell may wait for the names of services, in milliseconds: a slow answer is worse than none. */
const patience = 500;

/** Prints what a shell must source. The script calls `mesh complete -- …` at each press of the tab key. */
export async function completion(
  context: Context,
  [named]: readonly string[],
  rows: readonly CommandRow[],
): Promise<number> {
  const shell = named ?? shellOf(context.terminal.environment.SHELL);
  if (!shells.some((one) => one === shell)) {
    throw new MeshError('usage', `There is no completion for ${shell === undefined ? 'your shell' : `\`${shell}\``}`, {
      hint: `Name one of ${shells.join(', ')}, such as \`mesh completion bash\`.`,
    });
  }
  completionsOf(context, rows).setup('mesh', 'mesh', shell ?? ''); // written to stdout by tab itself
  return 0;
}

/** Answers the shell: candidates, one per line. */
export async function complete(
  context: Context,
  words: readonly string[],
  rows: readonly CommandRow[],
): Promise<number> {
  const completions = completionsOf(context, rows);
  const kind = kindOf(words);
  const names = await inTime(context, namesOf[kind](context));
  for (const command of completions.commands.values()) {
    const named = kind === 'scenario' ? command.options.get('scenario') : command.arguments.get(argumentOf[kind]);
    if (named === undefined) continue;
    named.handler = (suggest) => {
      for (const name of names) suggest(name, kind === 'process' ? 'service' : kind);
    };
  }
  const verb = completions.commands.get('alerts')?.arguments.get('show');
  if (verb !== undefined) verb.handler = (suggest) => suggest('show', 'what was found when one fired');
  completions.parse([...words]);
  return 0;
}

/** The table once more, for tab adds its own two commands to the program that it is given. */
function completionsOf({ terminal }: Context, all: readonly CommandRow[]): RootCommand {
  const rows = all.filter(({ name }) => name !== 'completion');
  return tab(buildProgram({ rows, version: '', terminal, onAction: async () => {} }), {
    completionCommandName: 'completion',
  });
}

/** No mesh, no file, no names: a shell wants no error here, and no wait. */
async function inTime({ terminal }: Context, names: Promise<string[]>): Promise<string[]> {
  const waiting = new AbortController();
  try {
    return await Promise.race([names.catch(() => []), terminal.pause(patience, waiting.signal).then(() => [])]);
  } finally {
    waiting.abort();
  }
}

type Kind = 'service' | 'process' | 'scenario' | 'alert';

/** What prints is a service, or one of its processes. */
function kindOf(words: readonly string[]): Kind {
  if (words.includes('--scenario')) return 'scenario';
  if (words[0] === 'logs') return 'process';
  return words[0] === 'alerts' ? 'alert' : 'service';
}

const argumentOf = { service: 'service', process: 'service', alert: 'name' } as const;

const namesOf: Readonly<Record<Kind, (context: Context) => Promise<string[]>>> = {
  service: serviceNames,
  process: printerNames,
  scenario: scenarioNames,
  alert: alertNames,
};

async function printerNames({ terminal }: Context): Promise<string[]> {
  const { client } = await connect(terminal);
  const { services } = await client.services();
  return services.flatMap(({ name, processes }) => [name, ...processes.map(({ replica }) => replica)]);
}

function serviceNames({ terminal }: Context): Promise<string[]> {
  return connect(terminal)
    .then(({ client }) => client.services())
    .then(({ services }) => services.map(({ name }) => name))
    .catch(() => namesInFile(terminal));
}

/** A scenario is played in a mesh that runs. */
async function scenarioNames({ terminal }: Context): Promise<string[]> {
  const { client } = await connect(terminal);
  const { scenarios } = await client.scenarios();
  return scenarios.map(({ name }) => name);
}

/** Those of a mesh that runs: nothing was found for any other. */
async function alertNames({ terminal }: Context): Promise<string[]> {
  const { client } = await connect(terminal);
  const { alerts } = await client.alerts();
  return [...new Set(alerts.map(({ name }) => name))];
}

/** Where no mesh runs, as for `mesh up`. */
async function namesInFile(terminal: Terminal): Promise<string[]> {
  const { loadFile } = await import('../../config/load.js');
  const { services } = await loadFile(await chooseMeshFile(terminal, undefined), terminal.environment);
  return [...services.keys()];
}

/** `/usr/bin/zsh` → `zsh` */
function shellOf(path: string | undefined): string | undefined {
  return path?.split('/').at(-1);
}
