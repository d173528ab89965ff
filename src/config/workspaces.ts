import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { parse } from 'yaml';

/** A package of the project that has a program to run. */
export interface RunnablePackage {
  /** The package's own name, else its folder's; empty for a root without a name. */
  readonly name: string;
  /** Against the project's folder, with slashes; `.` for the project itself. */
  readonly directory: string;
  /** `npm run dev` */
  readonly command: string;
}

/** Scripts that start a program for development, the better one first. */
const scripts = ['dev', 'start'] as const;

/** Levels of folders below the project in which workspaces are looked for. */
const deepest = 4;

/** The workspaces that have a `dev` or `start` script, by folder; where there are none, the project itself if it has one. */
export async function findRunnable(directory: string): Promise<readonly RunnablePackage[]> {
  const root = await readManifest(directory);
  const patterns = [...root.workspaces, ...(await pnpmWorkspaces(directory))];
  const runner = root.packageManager ?? (await packageManager(directory));
  const folders = patterns.length === 0 ? [] : await matchingFolders(directory, patterns);
  const packages = await Promise.all(
    folders.map(async (folder) => runnable(await readManifest(join(directory, folder)), folder, runner)),
  );
  const found = packages.filter((candidate) => candidate !== undefined);
  // A root script beside workspaces starts them all (turbo, nx): the mesh does that itself.
  const own = found.length === 0 ? runnable(root, '.', runner) : undefined;
  return own === undefined ? found : [own];
}

interface Manifest {
  readonly name: string | undefined;
  readonly scripts: ReadonlySet<string>;
  readonly workspaces: readonly string[];
  /** What corepack reads: `pnpm@9.1.0`. */
  readonly packageManager: string | undefined;
}

const noManifest: Manifest = { name: undefined, scripts: new Set(), workspaces: [], packageManager: undefined };

function runnable(manifest: Manifest, directory: string, runner: string): RunnablePackage | undefined {
  const script = scripts.find((name) => manifest.scripts.has(name));
  if (script === undefined) return undefined;
  return { name: manifest.name ?? directory.split('/').at(-1) ?? '', directory, command: `${runner} run ${script}` };
}

/** A package.json that is missing or broken is none: what to start from must never fail because of it. */
async function readManifest(directory: string): Promise<Manifest> {
  const manifest = await readData(join(directory, 'package.json'), JSON.parse);
  if (!isRecord(manifest)) return noManifest;
  const workspaces = isRecord(manifest.workspaces) ? manifest.workspaces.packages : manifest.workspaces;
  return {
    name: typeof manifest.name === 'string' ? manifest.name : undefined,
    scripts: new Set(
      isRecord(manifest.scripts) ? Object.keys(manifest.scripts).filter(startsNoMesh(manifest.scripts)) : [],
    ),
    workspaces: texts(workspaces),
    packageManager: /^(?:npm|pnpm|yarn|bun)(?=@)/.exec(String(manifest.packageManager))?.[0],
  };
}

/** `"dev": "mesh up"`: a mesh that runs it would start itself. */
function startsNoMesh(scripts: Readonly<Record<string, unknown>>): (name: string) => boolean {
  return (name) => !/\bmesh\s+up\b/.test(String(scripts[name]));
}

async function pnpmWorkspaces(directory: string): Promise<readonly string[]> {
  const file = await readData(join(directory, 'pnpm-workspace.yaml'), parse);
  return isRecord(file) ? texts(file.packages) : [];
}

async function packageManager(directory: string): Promise<string> {
  const names = new Set(await readdir(directory).catch(() => []));
  if (names.has('pnpm-lock.yaml') || names.has('pnpm-workspace.yaml')) return 'pnpm';
  if (names.has('yarn.lock')) return 'yarn';
  return names.has('bun.lock') || names.has('bun.lockb') ? 'bun' : 'npm';
}

/** Folders that a pattern takes and no `!pattern` takes away, in the order of their names. */
async function matchingFolders(directory: string, patterns: readonly string[]): Promise<readonly string[]> {
  const tidy = patterns.map((pattern) => pattern.replace(/^(!?)(?:\.\/)?(.*?)\/*$/, '$1$2'));
  const wanted = picomatch(tidy.filter((pattern) => !pattern.startsWith('!')));
  const unwanted = picomatch(tidy.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1)));
  const folders = await foldersBelow(directory, directory, deepest);
  return folders.filter((folder) => wanted(folder) && !unwanted(folder)).sort();
}

async function foldersBelow(root: string, directory: string, levels: number): Promise<string[]> {
  if (levels === 0) return [];
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter(
    (entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'),
  );
  const found = await Promise.all(
    folders.map(async ({ name }) => {
      const folder = join(directory, name);
      return [relative(root, folder).split(sep).join('/'), ...(await foldersBelow(root, folder, levels - 1))];
    }),
  );
  return found.flat();
}

async function readData(file: string, read: (text: string) => unknown): Promise<unknown> {
  try {
    return read((await readFile(file, 'utf8')).replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
