import { Command, Option } from 'commander';
import type { Context } from './context.js';
import type { Terminal } from './terminal.js';

/** One command, as the table in commands/index.ts lists it. */
export interface CommandRow {
  readonly name: string;
  /** In commander's grammar: `<service> [address]`. */
  readonly arguments?: string;
  /** Under which heading `mesh --help` lists it; one without a group is not listed. */
  readonly group?: 'Run' | 'Look' | 'Change' | 'Mesh file' | 'Shell';
  readonly summary: string;
  /** Command line → what it does. They lead the help. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** What the options do not say. */
  readonly details?: string;
  readonly options?: readonly Option[];
  /** Imports the command only now, and runs it. Answers the exit code. */
  action(context: Context, parsed: ParsedCommand): Promise<number>;
}

/** Commander's answer: the arguments that the row names, and its options by name. */
export interface ParsedCommand {
  readonly args: readonly string[];
  opts<Options extends object>(): Options;
}

export interface ProgramParts {
  readonly rows: readonly CommandRow[];
  readonly version: string;
  readonly terminal: Pick<Terminal, 'stdout' | 'stderr'>;
  onAction(row: CommandRow, parsed: ParsedCommand): Promise<void>;
}

/** The table, as commander wants it. Nothing here ends the process: every end is thrown. */
export function buildProgram({ rows, version, terminal, onAction }: ProgramParts): Command {
  const program = withManners(new Command('mesh'), terminal)
    .description('A service mesh for your own machine')
    .usage('COMMAND [options]')
    .version(version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Print this help, or that of a command')
    .helpCommand(false)
    // `mesh register … --version v2` is the version of an instance, not a question about mesh.
    .enablePositionalOptions()
    .addHelpText('before', leadOf('A service mesh for your own machine: one file, one gateway.', rootExamples))
    .addHelpText('after', '\nRun `mesh COMMAND --help` for examples and options of a command.');
  for (const row of rows) {
    const command = withManners(new Command(row.name), terminal)
      .summary(row.summary)
      .description(row.summary)
      .helpOption('-h, --help', 'Print this help')
      .helpGroup(`${row.group ?? ''}:`)
      .addHelpText('before', leadOf(`${row.summary}.`, row.examples));
    if (row.arguments !== undefined) command.arguments(row.arguments);
    if (row.details !== undefined) command.addHelpText('after', `\n${row.details}`);
    for (const option of row.options ?? []) command.addOption(option);
    command.action((...given: unknown[]) => onAction(row, parsedOf(given)));
    program.addCommand(command, { hidden: row.group === undefined });
  }
  return program;
}

const rootExamples: CommandRow['examples'] = [
  ['mesh init', 'write a mesh file'],
  ['mesh up', 'start its services and the gateway'],
  ['mesh ls', 'see what runs where'],
  ['mesh register orders 127.0.0.1:4001', 'add a program that runs already'],
  ['mesh down', 'stop everything'],
];

function withManners(command: Command, { stdout, stderr }: ProgramParts['terminal']): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => {}, // told by report.ts, like every other error
      getOutHelpWidth: () => Math.min(100, stdout.columns()),
      getErrHelpWidth: () => Math.min(100, stderr.columns()),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({
      commandDescription: () => '', // it stands above the examples already
      subcommandTerm: (listed) => listed.name(),
    })
    .addOption(new Option('--color', 'Colour the output, even into a pipe').hideHelp(command.name() !== 'mesh'))
    .addOption(new Option('--no-color', 'Never colour the output').hideHelp(command.name() !== 'mesh'));
}

function leadOf(summary: string, examples: CommandRow['examples']): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, meaning]) => `  ${line.padEnd(width)}  ${meaning}`);
  return [summary, '', 'Examples:', ...lines, ''].join('\n');
}

/** Commander calls an action with its arguments, its options, and last the command itself. */
function parsedOf(given: readonly unknown[]): ParsedCommand {
  const command = given.at(-1);
  if (!(command instanceof Command)) throw new TypeError('commander calls an action with its command last');
  return { args: command.args, opts: () => command.opts() };
}
