import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadText } from '../../src/config/load.js';
import { starter } from '../../src/config/starter.js';
import { freePort } from '../support/free-port.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-starter-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function write(files: Record<string, unknown>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** The commands and folders of the services that the starter names, by name. */
async function started(): Promise<Record<string, string>> {
  const text = await starter(folder);
  const { services } = loadText(text, { file: join(folder, 'mesh.yaml'), directory: folder, environment: {} });
  return Object.fromEntries(
    [...services.values()].map(({ name, process }) => [
      name,
      `${process?.directory.slice(folder.length) || '/'} ${process?.command}`,
    ]),
  );
}

test('its first line tells editors where the schema is', async () => {
  expect((await starter(folder)).split('\n')[0]).toBe(
    '# yaml-language-server: $schema=./node_modules/service-mesh/schema/mesh.schema.json',
  );
});

test('in an empty folder it has an example that answers on PORT', async () => {
  const text = await starter(folder);
  const { services } = loadText(text, { file: 'mesh.yaml', directory: folder, environment: {} });
  const command = services.get('hello')?.process?.command ?? expect.fail('no command');
  const port = await freePort();

  const child = spawn(command, { shell: true, detached: true, env: { ...process.env, PORT: String(port) } });
  try {
    const body = await vi.waitFor(async () => (await fetch(`http://127.0.0.1:${port}/`)).text(), { timeout: 10_000 });
    expect(body).toBe('Hello from the mesh.');
  } finally {
    const ended = once(child, 'exit');
    process.kill(-(child.pid ?? expect.fail('not started')), 'SIGKILL');
    await ended;
  }
});

test('a package with a dev script is a service that runs it', async () => {
  await write({ 'package.json': { name: '@shop/Web_App', scripts: { start: 'x', dev: 'x' } } });

  expect(await started()).toEqual({ 'web-app': '/ npm run dev' });
});

test('a package with a start script only, and no name, is a service too', async () => {
  await write({ 'package.json': { scripts: { start: 'x', build: 'x' } } });

  expect(await started()).toEqual({ app: '/ npm run start' });
});

test('each workspace with a dev or start script is a service in its folder', async () => {
  await write({
    'package.json': { workspaces: ['packages/*', './apps/**/', '!packages/internal'], scripts: { dev: 'turbo dev' } },
    'packages/web/package.json': { name: '@shop/web', scripts: { dev: 'x' } },
    'packages/api/package.json': { name: 'web', scripts: { start: 'x' } },
    'packages/lib/package.json': { name: 'lib', scripts: { build: 'x' } },
    'packages/internal/package.json': { name: 'internal', scripts: { dev: 'x' } },
    'packages/broken/package.json': '{',
    'packages/node_modules/dep/package.json': { name: 'dep', scripts: { dev: 'x' } },
    'apps/shop/admin: $1/package.json': { scripts: { dev: 'x' } },
    'other/package.json': { name: 'other', scripts: { dev: 'x' } },
  });

  expect(await started()).toEqual({
    'admin-1': '/apps/shop/admin: $1 npm run dev',
    web: '/packages/api npm run start',
    'web-2': '/packages/web npm run dev',
  });
});

test('pnpm workspaces are run by pnpm', async () => {
  await write({
    'pnpm-workspace.yaml': 'packages:\n  - services/*\n',
    'package.json': {},
    'services/orders/package.json': { name: 'orders', scripts: { dev: 'x' } },
  });

  expect(await started()).toEqual({ orders: '/services/orders pnpm run dev' });
});

test('the package manager that package.json names runs the scripts, whatever lies around', async () => {
  await write({
    'package-lock.json': '',
    'package.json': '\ufeff{"name":"a","packageManager":"pnpm@9.1.0","scripts":{"dev":"x"}}',
  });

  expect(await started()).toEqual({ a: '/ pnpm run dev' });
});

test('a script that starts the mesh is not started by it', async () => {
  await write({ 'package.json': { name: 'a', scripts: { dev: 'npx mesh up -f mesh.yaml', start: 'node .' } } });

  expect(await started()).toEqual({ a: '/ npm run start' });
});

test('a folder may be called anything', async () => {
  await write({
    'package.json': { workspaces: ['packages/*'] },
    'packages/a\n  b: "c"/package.json': { name: 'odd', scripts: { dev: 'x' } },
  });

  expect(await started()).toEqual({ odd: '/packages/a\n  b: "c" npm run dev' });
});

test.each([
  ['yarn.lock', 'yarn'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['bun.lock', 'bun'],
  ['package-lock.json', 'npm'],
])('with %s the scripts are run by %s', async (lock, runner) => {
  await write({ [lock]: '', 'package.json': { name: 'a', scripts: { dev: 'x' } } });

  expect(await started()).toEqual({ a: `/ ${runner} run dev` });
});

test.each([
  ['123', '123'],
  ['--', 'app'],
  ['Ünïcode', 'n-code'],
  ['a'.repeat(100), 'a'.repeat(59)],
  ['constructor', 'constructor'],
  ['null', 'null'],
  ['1e3', '1e3'],
])('the package %s becomes the service %s', async (name, service) => {
  await write({ 'package.json': { name, scripts: { dev: 'x' } } });

  expect(Object.keys(await started())).toEqual([service]);
});

test.each(['{', '[]', 'null', '{"scripts":"x","workspaces":7}'])(
  'a package.json that is %s is as good as none',
  async (text) => {
    await write({ 'package.json': text });

    expect(Object.keys(await started())).toEqual(['hello']);
  },
);
