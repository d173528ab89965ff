import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { commands } from '../src/cli/commands/index.js';
import { trafficColumns } from '../src/cli/render/services.js';
import { jsonSchema } from '../src/config/json-schema.js';
import { errorTable } from '../src/foundation/error-table.js';

const run = promisify(execFile);
const root = new URL('..', import.meta.url).pathname;
const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('every file imports its own room or a lower floor, and nothing goes in circles', async () => {
  const { stdout } = await run('npx', ['depcruise', '--config', '.dependency-cruiser.mjs', 'src'], { cwd: root }).catch(
    (failure: { stdout: string; stderr: string }) => ({
      stdout: failure.stdout + failure.stderr,
    }),
  );

  expect(stdout).toMatch(/no dependency violations found \(\d{2,} modules/);
});

test('no room keeps a drawer for odds and ends', () => {
  const drawers = sources().filter((file) =>
    /(?:^|\/)(?:utils?|helpers?|common|misc|manager|types)(?:\.ts|\/)/.test(file),
  );

  expect(drawers).toEqual([]);
});

test('files are in kebab case and of a size that can be read', () => {
  for (const file of sources()) {
    expect(file).toMatch(/^[a-z0-9/.-]+$/);
    expect(readFileSync(join(root, 'src', file), 'utf8').split('\n').length, file).toBeLessThanOrEqual(300);
  }
});

test('only the edge of the command line reads the process, and only bin ends it', () => {
  const atTheEdge = new Set(['cli/terminal.ts']);
  for (const file of sources()) {
    const text = readFileSync(join(root, 'src', file), 'utf8');
    expect(text.includes('process.exit('), `${file} ends the process`).toBe(false);
    if (file.startsWith('cli/') && !atTheEdge.has(file)) {
      expect(/process\.(?:stdin|stdout|stderr|env|argv|cwd)\b/.test(text), `${file} reads the process`).toBe(false);
    }
  }
});

test('the README tells of every command, every error code and every key of the mesh file, and of no other command', () => {
  const missing = [
    ...commands.map(({ name }) => `mesh ${name}`),
    ...Object.entries(errorTable).map(([code, { status, summary }]) => `| \`${code}\` | ${status} | ${summary} |`),
  ].filter((wanted) => !readme.includes(wanted));
  const tables = readme
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n');
  const unexplained = keysOf(jsonSchema()).filter((key) => !tables.includes(`\`${key}\``));
  const known = new Set(commands.map(({ name }) => name));
  const told = [...readme.matchAll(/`mesh ([a-z]+)[^`]*`/g)].map(([, name]) => name ?? '');

  expect(missing).toEqual([]);
  expect(unexplained).toEqual([]);
  expect(told.filter((name) => !known.has(name))).toEqual([]);
});

test('the first screen of the README shows tables as they are', () => {
  const columns = ['SERVICE', 'STATE', 'URL', ...trafficColumns.map(({ head }) => head)];
  expect(
    readme
      .split('\n')
      .find((line) => line.startsWith('SERVICE'))
      ?.split(/ {2,}| (?=RPS)/),
  ).toEqual(columns);
});

test('every link of the README leads somewhere', () => {
  const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
  const links = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link);
  const leads = (link: string) =>
    link.startsWith('#') ? headings.includes(link.slice(1)) : existsSync(join(root, link.replace(/#.*/, '')));

  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((link) => !leads(link))).toEqual([]);
});

test('the top level holds what a stranger expects there, and nothing else', () => {
  const allowed =
    /^(?:package(?:-lock)?\.json|tsconfig\.json|bin|src|test|mesh\.example\.yaml|README\.md|examples|schema|bench|LICENSE|CHANGELOG\.md|node_modules|dist|\..+)$/;

  expect(readdirSync(root).filter((name) => !allowed.test(name))).toEqual([]);
});

test('what the command line is bundled with comes along with its license', () => {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const licenses = readFileSync(join(root, 'dist/command/LICENSES.txt'), 'utf8');
  const missing = Object.entries(dependencies).filter(([name, range]) => {
    const [, real = name] = /^npm:(.+)@/.exec(range) ?? [];
    return !new RegExp(`(?:^|\\n)${real} \\d.*\\n\\n[^]{0,200}(?:License|Copyright)`, 'i').test(licenses);
  });

  expect(missing).toEqual([]);
});

test('the bundle of the command line is ASCII: of a text with another character, Node keeps two bytes for each', () => {
  const folder = join(root, 'dist/command');
  const texts = readdirSync(folder).filter((name) => name.endsWith('.js'));

  expect(texts.length).toBeGreaterThan(10);
  expect(texts.filter((name) => readFileSync(join(folder, name)).some((byte) => byte > 0x7f))).toEqual([]);
});

/** As GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function sources(): string[] {
  return readdirSync(join(root, 'src'), {
    recursive: true,
    encoding: 'utf8',
  }).filter((file) => file.endsWith('.ts'));
}

/** Every property name that the schema has, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const properties = 'properties' in schema && typeof schema.properties === 'object' ? (schema.properties ?? {}) : {};
  return [...new Set([...Object.keys(properties), ...Object.values(schema).flatMap(keysOf)])].filter(
    (key) => key !== '$schema',
  );
}
