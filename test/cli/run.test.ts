import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands/index.js';
import { run } from '../../src/cli/run.js';
import { version } from '../../src/mesh/version.js';
import type { FakeTerminalOptions } from '../support/terminal.js';
import { FakeTerminal } from '../support/terminal.js';

async function mesh(line: string, options: FakeTerminalOptions = {}) {
  const terminal = new FakeTerminal(options);
  const exitCode = await run(line === '' ? [] : line.split(' '), terminal);
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

test.each(['--version', '-V'])('mesh %s prints the version and nothing else', async (flag) => {
  expect(await mesh(flag)).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});

test.each(['', '--help', '-h', 'help'])(
  '`mesh %s` prints the help: examples first, then every command',
  async (line) => {
    const { exitCode, stdout, stderr } = await mesh(line);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.indexOf('Examples:')).toBeLessThan(stdout.indexOf('Usage:'));
    for (const { name, summary } of commands) expect(stdout.replace(/\s+/g, ' ')).toContain(` ${name} ${summary}`);
    expect(stdout).not.toMatch(/^ {2}complete /m);
  },
);

test('the help of mesh reads like this', async () => {
  expect((await mesh('--help')).stdout).toMatchInlineSnapshot(`
    "A service mesh for your own machine: one file, one gateway.

    Examples:
      mesh init                            write a mesh file
      mesh up                              start its services and the gateway
      mesh ls                              see what runs where
      mesh register orders 127.0.0.1:4001  add a program that runs already
      mesh down                            stop everything

    Usage: mesh COMMAND [options]

    Options:
      --color        Colour the output, even into a pipe
      --no-color     Never colour the output
      -V, --version  Print the version
      -h, --help     Print this help, or that of a command

    Run:
      up             Start the services and the gateway in front of them
      down           Stop the mesh and its services

    Look:
      ls             List the services: where, how many instances, how they fare
      inspect        Show all that is known of a service
      top            Watch the traffic of each service, live
      graph          Show who calls whom, how often, and how it fares
      alerts         Show which alerts fire, and what was found when one did
      tail           Watch the requests as they end
      explain        Tell the story of one request: where it went, what it waited
                     for, what came of it
      logs           Show what the services have printed, and print

    Change:
      register       Add instances that run already
      deregister     Take out instances that were registered
      split          Deal requests out to versions
      shape          Shape traffic while it flows: faults, limits, scenarios

    Mesh file:
      init           Write a mesh file to start from
      check          Look for mistakes in the mesh file
      config         Print the mesh file as mesh understands it, with every default
      schema         Print the JSON schema of the mesh file

    Shell:
      token          Print the token of the admin API
      completion     Print the completion script for bash, zsh, fish or powershell

    Run \`mesh COMMAND --help\` for examples and options of a command.
    "
  `);
});

test.each(commands.map(({ name }) => name))(
  '`mesh %s --help` leads with examples that start with mesh',
  async (name) => {
    const { exitCode, stdout, stderr } = await mesh(`${name} --help`);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`Examples:\\n {2}.*mesh ${name}[^]*Usage: mesh ${name}`));
    expect((await mesh(`help ${name}`)).stdout).toBe(stdout);
  },
);

test.each([
  ['pu', 'There is no command `pu`', 'Did you mean `mesh up`?'],
  ['insepct orders', 'There is no command `insepct`', 'Did you mean `mesh inspect`?'],
  ['pu --help', 'There is no command `pu`', 'Did you mean `mesh up`?'],
  ['help pu', 'There is no command `pu`', 'Did you mean `mesh up`?'],
  ['ls --jsno', "Unknown option '--jsno'", 'Did you mean --json?'],
  ['--jsno', "Unknown option '--jsno'", '`mesh --help` shows what there is.'],
  ['inspect', "Missing required argument 'service'", '`mesh inspect --help` shows what there is.'],
  ['ls orders', 'Too many arguments', '`mesh ls --help` shows'],
  ['top --interval fast', 'Write a duration', '`mesh top --help` shows'],
  ['register orders 127.0.0.1:4001 --weight -1', 'Write a whole number from 0 to 1000', '`mesh register --help` shows'],
  ['register orders 127.0.0.1:4001 --meta zone', 'Write name=value', '`mesh register --help` shows'],
  ['register orders 127.0.0.1:1 127.0.0.1:2 --id x', '`--id` names one instance', 'Leave it out'],
  ['completion tcsh', 'There is no completion for `tcsh`', 'Name one of bash, zsh, fish, powershell'],
])('a mistake on the command line is told on stderr, with a way out: mesh %s', async (line, message, hint) => {
  const { exitCode, stdout, stderr } = await mesh(line);

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^error: .*\n {2}hint: .*\n$/);
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
});

test('with --json an error is a document on stderr', async () => {
  const { exitCode, stdout, stderr } = await mesh('ls --json --jsno');

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(JSON.parse(stderr)).toEqual({
    error: { code: 'usage', message: "Unknown option '--jsno'", hint: 'Did you mean --json?' },
  });
});

test('what was typed cannot steer the terminal when it is repeated', async () => {
  const { stderr } = await mesh('\u001b]0;owned\u0007');

  expect(stderr).toContain('There is no command `\\x1b]0;owned\\x07`');
});

test('an error is coloured on a terminal, and not with --no-color', async () => {
  expect((await mesh('pu', { isTerminal: true })).stderr).toContain('\u001b[31m');
  expect((await mesh('pu --no-color', { isTerminal: true })).stderr).not.toContain('\u001b');
  expect((await mesh('pu --color')).stderr).toContain('\u001b[31m');
});
