import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.js';
import { FakeTerminal } from '../support/terminal.js';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'mesh-cli-')));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function mesh(line: string, directory = folder, environment = {}) {
  const terminal = new FakeTerminal({ directory, environment });
  const exitCode = await run(line.split(' '), terminal);
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

const shop = `
name: shop
services:
  web: { command: node web.js, replicas: 2, dependsOn: [orders] }
  orders: { instances: ["127.0.0.1:4001"] }
`;

const broken = `services:
  web: { comand: node web.js }
  orders: { instances: [nowhere] }
`;

test('check says in a line what a valid file holds', async () => {
  await writeFile(join(folder, 'mesh.yaml'), shop);

  expect(await mesh('check')).toEqual({
    exitCode: 0,
    stdout: '✓ mesh.yaml: shop, 2 services (web ×2, orders), gateway on 127.0.0.1:8080\n',
    stderr: '',
  });
  expect(JSON.parse((await mesh('check --json')).stdout)).toEqual({
    schemaVersion: 1,
    file: join(folder, 'mesh.yaml'),
    valid: true,
    diagnostics: [],
  });
});

test('check shows every mistake as a compiler would, by the name that one would type', async () => {
  await writeFile(join(folder, 'mesh.yaml'), broken);

  const { exitCode, stdout, stderr } = await mesh('check');

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^mesh\.yaml:2:10 error: unknown key `comand`\n.*\n.*\^{6}\n.*`command`/);
  expect(stderr).toMatch(/^mesh\.yaml:3:25 error: /m);
  expect(stderr).toMatch(/\n\n2 mistakes in the mesh file\n$/);
});

test('check --json has the mistakes as data on stdout; the others have them with the error on stderr', async () => {
  await writeFile(join(folder, 'mesh.yaml'), broken);

  const checked = await mesh('check --json');
  const configured = await mesh('config --json');

  expect(checked).toMatchObject({ exitCode: 2, stderr: '' });
  expect(JSON.parse(checked.stdout)).toMatchObject({
    schemaVersion: 1,
    valid: false,
    diagnostics: [
      { code: 'unknown_key', path: 'services.web.comand', line: 2, column: 10, endColumn: 16 },
      { path: 'services.orders.instances[0]', line: 3 },
    ],
  });
  expect(configured).toMatchObject({ exitCode: 2, stdout: '' });
  expect(JSON.parse(configured.stderr).error).toMatchObject({
    code: 'invalid_config',
    message: '2 mistakes in the mesh file',
    diagnostics: JSON.parse(checked.stdout).diagnostics,
  });
});

test.each([
  ['mesh.yaml', '.'],
  ['mesh.yml', '.'],
  ['mesh.yaml', 'services/web'],
])('the mesh file is found: %s, from %s', async (name, from) => {
  await mkdir(join(folder, 'services/web'), { recursive: true });
  await writeFile(join(folder, name), shop);

  expect(await mesh('check', join(folder, from))).toMatchObject({ exitCode: 0 });
});

test('-f names another file, relative to where one is', async () => {
  await mkdir(join(folder, 'deploy'));
  await writeFile(join(folder, 'deploy/shop.yaml'), shop);

  expect(await mesh('check -f deploy/shop.yaml')).toMatchObject({ exitCode: 0 });
  expect(await mesh('check -f ../deploy/shop.yaml', join(folder, 'deploy'))).toMatchObject({ exitCode: 0 });
});

test.each(['check', 'config', 'up', 'up -d'])('`mesh %s` without a mesh file says how to get one', async (line) => {
  const { exitCode, stderr } = await mesh(line);

  expect(exitCode).toBe(2);
  expect(stderr).toContain(`error: There is no mesh.yaml or mesh.yml in ${folder} or above it\n  hint: Write one with`);
});

test('up refuses a file with mistakes before anything runs, in the background too', async () => {
  await writeFile(join(folder, 'mesh.yaml'), broken);

  for (const line of ['up', 'up -d']) {
    expect(await mesh(line)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('unknown key `comand`') });
  }
});

test('config prints the file as it is understood, with the environment in it', async () => {
  await writeFile(
    join(folder, 'mesh.yaml'),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the mesh file's variable.
    '{ name: "${NAME}", services: { orders: { instances: ["127.0.0.1:4001"] } } }',
  );

  const { exitCode, stdout } = await mesh('config', folder, { NAME: 'shop' });

  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^name: shop\n/);
  expect(stdout).toContain('request: 15s');
  expect(JSON.parse((await mesh('config --json', folder, { NAME: 'shop' })).stdout)).toMatchObject({
    name: 'shop',
    services: { orders: { timeouts: { request: '15s' } } },
  });
});

test('init writes a file that is valid, and overwrites none unless it is told to', async () => {
  expect(await mesh('init')).toEqual({
    exitCode: 0,
    stdout: 'Wrote mesh.yaml. Start it with `mesh up`.\n',
    stderr: '',
  });
  expect(await mesh('check')).toMatchObject({ exitCode: 0 });

  await writeFile(join(folder, 'mesh.yaml'), shop);
  expect(await mesh('init')).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'error: There is a mesh.yaml already\n  hint: `mesh init --force` overwrites it.\n',
  });
  expect(await readFile(join(folder, 'mesh.yaml'), 'utf8')).toBe(shop);

  expect(await mesh('init --force')).toMatchObject({ exitCode: 0 });
  expect(await readFile(join(folder, 'mesh.yaml'), 'utf8')).not.toBe(shop);
  expect((await mesh('init -f other.yaml')).stdout).toContain('mesh up -f other.yaml');
  expect(await mesh('init -f nowhere/mesh.yaml')).toMatchObject({ exitCode: 1 });
});

test('schema prints a JSON schema', async () => {
  const { exitCode, stdout } = await mesh('schema');

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ properties: { services: {} } });
});
