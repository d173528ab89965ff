import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect } from '../../src/cli/connect.js';
import { writeRunFile } from '../../src/mesh/run-file.js';
import { FakeTerminal } from '../support/terminal.js';
import { servicesView } from '../support/views.js';
import { AdminStub } from './admin-stub.js';

let folder: string;
let admin: AdminStub;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'mesh-connect-')));
  admin = await AdminStub.open(servicesView([]));
});

afterEach(async () => {
  await admin.close();
  await rm(folder, { recursive: true, force: true });
});

/** A mesh that runs, or with another pid has run, from a file of that folder. */
async function runFile(directory: string, name = 'mesh.yaml', pid = process.pid): Promise<void> {
  await mkdir(join(directory, '.mesh'), { recursive: true });
  const file = join(directory, name);
  const { url: adminUrl } = admin;
  await writeRunFile(directory, {
    pid,
    name: 'shop',
    file,
    adminUrl,
    gatewayUrl: 'http://127.0.0.1:8080',
    token: AdminStub.token,
  });
}

function connectFrom(directory: string, file?: string, environment: Record<string, string> = {}) {
  return connect(new FakeTerminal({ directory, environment }), { file });
}

test('the mesh of this folder is found, and of one above', async () => {
  const below = join(folder, 'services/web');
  await mkdir(below, { recursive: true });
  await runFile(folder);

  for (const directory of [folder, below]) {
    const { client, token } = await connectFrom(directory);
    expect((await client.status()).mesh).toBe('shop');
    expect(token).toBe(AdminStub.token);
  }
});

test('the environment names a mesh before folders do, and -f before both', async () => {
  await runFile(folder);
  const environment = { MESH_ADMIN_URL: 'http://127.0.0.1:1', MESH_TOKEN: 'other' };

  expect(await connectFrom(folder, undefined, environment)).toMatchObject({ token: 'other', run: undefined });
  expect(await connectFrom(folder, 'mesh.yaml', environment)).toMatchObject({ token: AdminStub.token });
  expect(await connectFrom(folder, undefined, { MESH_ADMIN_URL: '' })).toMatchObject({ token: AdminStub.token });
});

test('a folder without a mesh says where it looked', async () => {
  await expect(connectFrom(folder)).rejects.toMatchObject({
    code: 'no_mesh',
    exitCode: 3,
    message: `No mesh is running in ${folder} or above it`,
  });
});

test('a mesh that was killed is told from one that runs', async () => {
  await runFile(folder, 'mesh.yaml', 2 ** 30);

  await expect(connectFrom(folder)).rejects.toMatchObject({
    code: 'no_mesh',
    message: expect.stringMatching(/pid 1073741824\) is gone/),
    hint: expect.stringContaining('mesh up'),
  });
});

test('a run file whose mesh does not answer is that of a mesh that is gone, even if its pid was given to somebody else', async () => {
  await runFile(folder);
  await admin.close();

  await expect(connectFrom(folder)).rejects.toMatchObject({ code: 'no_mesh' });
});

test('the nearest project decides: a mesh further up is not that of this one', async () => {
  const inner = join(folder, 'inner');
  await mkdir(inner);
  await runFile(folder);
  await writeFile(join(inner, 'mesh.yaml'), 'services: {}\n');

  await expect(connectFrom(inner)).rejects.toMatchObject({
    code: 'no_mesh',
    message: `The mesh of ${join(inner, 'mesh.yaml')} is not running`,
  });
});

test('-f means the mesh that runs from that file, and no other beside it', async () => {
  await runFile(folder, 'shop.yaml');

  expect(await connectFrom(folder, 'shop.yaml')).toMatchObject({ token: AdminStub.token });
  await expect(connectFrom(folder, 'other.yaml')).rejects.toMatchObject({
    code: 'no_mesh',
    message: expect.stringContaining('shop.yaml, not of'),
  });
  await mkdir(join(folder, 'deep'));
  await writeFile(join(folder, 'deep', 'idle.yaml'), 'services: {}\n');
  await expect(connectFrom(folder, 'deep/idle.yaml')).rejects.toMatchObject({
    code: 'no_mesh',
    hint: expect.stringContaining('mesh up -f'),
  });
  await expect(connectFrom(folder, 'deep/nowhere.yaml')).rejects.toMatchObject({ code: 'config_not_found' });
});
