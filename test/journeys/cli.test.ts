import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journey, meshBin } from '../support/mesh-cli.js';

test('init writes a mesh file that check accepts and config prints in full', async () => {
  await using journey = await Journey.begin();

  expect(await journey.run('check')).toMatchObject({ code: 2, stderr: expect.stringContaining('mesh init') });
  expect(await journey.run('init')).toMatchObject({ code: 0, stdout: expect.stringContaining('mesh.yaml') });
  expect(await readFile(join(journey.directory, 'mesh.yaml'), 'utf8')).toContain('services:');
  expect(await journey.run('check')).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse((await journey.run('config', '--json')).stdout)).toHaveProperty('services');
});

test('init leaves a file that is there alone, unless it is forced', async () => {
  await using journey = await Journey.begin('services: {}\n');

  expect(await journey.run('init')).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
  expect(await readFile(join(journey.directory, 'mesh.yaml'), 'utf8')).toBe('services: {}\n');
  expect(await journey.run('init', '--force')).toMatchObject({ code: 0 });
  expect(await readFile(join(journey.directory, 'mesh.yaml'), 'utf8')).not.toBe('services: {}\n');
});

test('a mesh file with mistakes is refused as a compiler would, with exit code 2', async () => {
  await using journey = await Journey.begin('services:\n  web: { comand: node web.js }\n');

  for (const command of ['check', 'config', 'up']) {
    const { code, stdout, stderr } = await journey.run(command);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^mesh\.yaml:2:10 error: unknown key `comand`/m);
  }
});

test('the schema that is printed is the one that is shipped', async () => {
  await using journey = await Journey.begin();

  const { code, stdout } = await journey.run('schema');

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
});

test('a command without a mesh ends with 3 and says how to start one', async () => {
  await using journey = await Journey.begin();

  for (const command of ['ls', 'down', 'top', 'token']) {
    expect(await journey.run(command)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('mesh up'),
    });
  }
});

test('a reader that goes away early ends the command quietly', async () => {
  const child = spawn(process.execPath, [meshBin, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  child.stdout.destroy(); // as `head` does when it has seen enough

  const code = await new Promise((resolve) => child.once('close', resolve));

  expect({ code, complaints }).toEqual({ code: 0, complaints: '' });
});

test('a shell is given a script, and then the commands and options that fit what was typed', async () => {
  await using journey = await Journey.begin();

  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    expect((await journey.run('completion', shell)).stdout).toMatch(/mesh complete '?--/);
  }
  expect((await journey.run('complete', '--', 'de')).stdout).toBe(
    'deregister\tTake out instances that were registered\n:4\n',
  );
  expect((await journey.run('complete', '--', 'ls', '--j')).stdout).toContain('--json\t');
});
