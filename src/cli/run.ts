import { CommanderError } from 'commander';
import { MeshError } from '../foundation/errors.js';
import { nearest } from '../foundation/text.js';
import { version } from '../mesh/version.js';
import { commands, hiddenCommands } from './commands/index.js';
import { speechFlags } from './flags.js';
import { buildProgram } from './program.js';
import type { Terminal } from './terminal.js';

const allCommands = [...commands, ...hiddenCommands];

/**
 * Runs one command line (without `node` and the script) and answers its exit code: 0; 1 run-time failure; 2 usage or an
 * invalid mesh file; 3 no mesh is running; 4 not ready in time; 129, 130, 143 by signal. Ends nothing but itself.
 * Only what every call needs is imported above: `mesh --version` is to cost little more than Node.
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const flags = speechFlags(argv);
  let exitCode = 0;
  const program = buildProgram({
    rows: allCommands,
    version,
    terminal,
    async onAction(row, parsed) {
      const { createContext } = await import('./context.js');
      exitCode = await row.action(createContext(terminal, flags), parsed);
    },
  });
  try {
    const line = withoutHelpCommand(argv);
    refuseUnknownCommand(line);
    await program.parseAsync(line.length === 0 ? ['--help'] : line, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0; // --help and --version end this way
    const { report } = await import('./report.js');
    return report(thrown instanceof CommanderError ? usageError(thrown, argv) : thrown, terminal, flags);
  }
}

/** `mesh help up` is `mesh up --help`. */
function withoutHelpCommand(argv: readonly string[]): readonly string[] {
  if (argv[0] !== 'help') return argv;
  return argv[1] === undefined ? ['--help'] : [argv[1], '--help'];
}

/** Before commander sees it, which would answer `mesh pu --help` with the help of mesh. */
function refuseUnknownCommand(argv: readonly string[]): void {
  const name = argv.find((word) => !word.startsWith('-'));
  if (name === undefined || allCommands.some((row) => row.name === name)) return;
  const meant = nearest(
    name,
    commands.map((row) => row.name),
  );
  throw new MeshError('usage', `There is no command \`${name}\``, {
    ...(meant === undefined ? {} : { hint: `Did you mean \`mesh ${meant}\`?` }),
  });
}

/** Commander's `error: unknown option '--jsno'\n(Did you mean --json?)`, in the shape of all errors. */
function usageError({ message }: CommanderError, [name = '']: readonly string[]): MeshError {
  const [first = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const text = first.charAt(0).toUpperCase() + first.slice(1);
  const help = commands.some((row) => row.name === name) ? `mesh ${name} --help` : 'mesh --help';
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1') ?? `\`${help}\` shows what there is.`;
  return new MeshError('usage', text, { hint });
}
