import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/foundation/clock.js';
import { reapOrphans } from '../../src/supervisor/orphans.js';
import { ends, isRunning, servicesOf } from './world.js';

/** A mesh is killed here, so it runs in a process of its own: the rooms that it takes, translated without a bundler or a loader. */
let folder = '';
const meshes: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-guard-'));
  const root = join(import.meta.dirname, '../..');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const room of ['foundation', 'registry', 'supervisor']) await translate(join(root, 'src'), room, folder);
  await writeFile(join(folder, 'mesh.js'), meshProgram);
});

afterEach(() => {
  for (const mesh of meshes.splice(0)) mesh.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A program with a child and a grandchild; the grandchild is deaf to SIGTERM. */
const family = `sleep 600 & echo "child $!"; sh -c 'trap "" TERM HUP INT; echo "grandchild $$"; while :; do sleep 1; done' & echo "leader $$"; wait`;

test('after a mesh was killed nobody of its programs runs, within five seconds', async () => {
  const mesh = await startMesh({ web: { command: family, stopTimeout: 60_000 } });
  expect(mesh.family.map(isRunning)).toEqual([true, true, true]);

  mesh.process.kill('SIGKILL');

  await Promise.all([...mesh.family, mesh.guard].map((pid) => ends(pid)));
});

test('a terminal’s Ctrl-C does not reach the guard', async () => {
  const mesh = await startMesh({ web: { command: family } });

  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM', 'SIGQUIT'] as const) process.kill(mesh.guard, signal);
  mesh.process.kill('SIGKILL');

  await Promise.all([...mesh.family, mesh.guard].map((pid) => ends(pid)));
});

test('after a clean stop the guard ends by itself, and the record of processes is gone', async () => {
  const mesh = await startMesh({ web: { command: family, stopTimeout: 200 } });
  expect(existsSync(mesh.stateFile)).toBe(true);

  mesh.process.stdin?.end();
  const [code] = await once(mesh.process, 'exit');

  expect(code).toBe(0);
  expect(existsSync(mesh.stateFile)).toBe(false);
  await Promise.all([...mesh.family, mesh.guard].map((pid) => ends(pid)));
});

test('where the guard was killed too, the next start ends what is left, and says what it was', async () => {
  const mesh = await startMesh({ web: { command: family } });
  const record = await readFile(mesh.stateFile, 'utf8');
  expect((await stat(mesh.stateFile)).mode & 0o777).toBe(0o600);
  process.kill(mesh.guard, 'SIGKILL');
  await ends(mesh.guard);
  mesh.process.kill('SIGKILL');
  await once(mesh.process, 'exit');
  expect(mesh.family.map(isRunning)).toEqual([true, true, true]);

  const reaped = await reapOrphans(mesh.stateFile, systemClock);

  expect(reaped).toEqual([{ pid: mesh.leader, replica: 'web-1' }]);
  expect(mesh.family.filter(isRunning)).toEqual([]);
  expect(existsSync(mesh.stateFile)).toBe(false);

  await writeFile(mesh.stateFile, record);
  expect(await reapOrphans(mesh.stateFile, systemClock), 'they are ended once').toEqual([]);
});

test('a stranger that was given the pid of an earlier process is left alone', async () => {
  const stranger = spawn('sleep', ['600'], { detached: true });
  meshes.push(stranger);
  const mesh = await startMesh({ web: { command: family } });
  const record = await readFile(mesh.stateFile, 'utf8');
  mesh.process.kill('SIGKILL');
  await Promise.all(mesh.family.map((pid) => ends(pid)));
  await writeFile(mesh.stateFile, record.replace(String(mesh.leader), String(stranger.pid)));

  expect(await reapOrphans(mesh.stateFile, systemClock)).toEqual([]);

  expect(isRunning(stranger.pid ?? 0)).toBe(true);
});

test.each([
  ['missing', undefined],
  ['empty', ''],
  ['garbage', '{"version":1,"processes":[{"pid":'],
  ['of another version', '{"version":2,"processes":[{"pid":1,"replica":"web-1","identity":"x"}]}'],
  ['that names the first process', '{"version":1,"processes":[{"pid":1,"replica":"web-1","identity":"x"}]}'],
  ['that names every process', '{"version":1,"processes":[{"pid":-1,"replica":"web-1","identity":"x"}]}'],
])('a record that is %s ends nobody', async (_, text) => {
  const stateFile = join(folder, 'record.json');
  if (text !== undefined) await writeFile(stateFile, text);

  expect(await reapOrphans(stateFile, systemClock)).toEqual([]);
});

/** A mesh in a process of its own, whose one service is a family. */
async function startMesh(wishes: Parameters<typeof servicesOf>[0]) {
  const stateFile = join(await mkdtemp(join(folder, 'state-')), '.mesh', 'processes.json');
  const services = JSON.stringify([...servicesOf(wishes)]);
  const mesh = spawn(process.execPath, [join(folder, 'mesh.js'), services, stateFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  meshes.push(mesh);
  let output = '';
  mesh.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  const pidOf = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(output)?.[1]);
  await vi.waitFor(
    () => {
      expect([pidOf('leader'), pidOf('child'), pidOf('grandchild')]).not.toContain(Number.NaN);
      expect(readFileSync(stateFile, 'utf8')).toContain(`"pid": ${pidOf('leader')}`);
    },
    { timeout: 10_000 },
  );
  const [guard = ''] = execFileSync('pgrep', ['-P', String(mesh.pid), '-f', 'mesh-guard'], { encoding: 'utf8' }).split(
    '\n',
  );
  const leader = pidOf('leader');
  return {
    process: mesh,
    stateFile,
    leader,
    family: [leader, pidOf('child'), pidOf('grandchild')],
    guard: Number(guard),
  };
}

/** Says what its services print, and stops when its input ends. */
const meshProgram = `
import { systemClock } from './foundation/clock.js';
import { Registry } from './registry/registry.js';
import { memoryStore } from './registry/stores/memory.js';
import { Supervisor } from './supervisor/supervisor.js';

const [, , services, stateFile] = process.argv;
const supervisor = new Supervisor({
  registry: new Registry(systemClock, memoryStore),
  clock: systemClock,
  environment: async () => ({ PATH: process.env.PATH }),
  directory: import.meta.dirname,
  stateFile,
});
supervisor.on('output', ({ text }) => console.log(text));
process.stdin.resume().once('end', () => supervisor.stop());
await supervisor.apply(new Map(JSON.parse(services)));
`;

/** TypeScript → JavaScript, file by file, for one room and those below it. */
async function translate(from: string, room: string, to: string): Promise<void> {
  for (const name of await readdir(join(from, room), { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const source = join(from, room, name);
    const target = join(to, relative(from, source)).replace(/ts$/, 'js');
    const { outputText } = ts.transpileModule(await readFile(source, 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    });
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, outputText);
  }
}
