import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { platform } from 'node:process';
import { z } from 'zod';
import type { Clock } from '../../foundation/clock.js';
import { MeshError } from '../../foundation/errors.js';
import { instanceIdPattern, serviceNamePattern } from '../../foundation/names.js';
import type { RegistryStore } from '../store.js';

/** Of the file's format; a file of another version is set aside like a corrupt one. */
const formatVersion = 1;

const storedFile = z.object({
  version: z.literal(formatVersion),
  instances: z.array(
    z.object({
      service: z.string().regex(serviceNamePattern),
      id: z.string().regex(instanceIdPattern),
      address: z.object({
        host: z.string().min(1),
        port: z.number().int().min(1).max(65_535),
      }),
      weight: z.number().nonnegative(),
      version: z.string().optional(),
      metadata: z.record(z.string(), z.string()),
      ttl: z.number().positive().optional(),
    }),
  ),
});

/**
 * Registrations in one JSON file that is always whole: it is written beside, synced, then renamed over (and the folder
 * synced, so that the rename itself survives a power cut). A file that cannot be understood is set aside, never overwritten.
 */
export function fileStore(path: string, clock: Clock): RegistryStore {
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw new MeshError('file_inaccessible', `Cannot read ${path}: ${error.message}`, { cause: error });
      });
      if (text === undefined) return { instances: [], warning: undefined };
      const parsed = storedFile.safeParse(parseJson(text));
      if (!parsed.success) return { instances: [], warning: await setAside(path, clock) };
      const instances = parsed.data.instances.map((one) => ({
        ...one,
        version: one.version,
        ttl: one.ttl,
      }));
      return { instances, warning: undefined };
    },

    async save(instances) {
      try {
        await writeWhole(path, `${JSON.stringify({ version: formatVersion, instances }, null, 2)}\n`);
      } catch (error) {
        throw new MeshError(
          'file_inaccessible',
          `Cannot write ${path}: ${error instanceof Error ? error.message : error}`,
          {
            cause: error,
          },
        );
      }
    },
  };
}

async function setAside(path: string, clock: Clock): Promise<string> {
  const aside = `${path}.unreadable-${new Date(clock.now()).toISOString().replace(/[:.]/g, '-')}`;
  await rename(path, aside);
  return `${path} could not be understood and was set aside as ${aside}; starting without registered instances.`;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await syncing(temporary, 'w', (file) => file.writeFile(text));
  await rename(temporary, path);
  if (platform !== 'win32') await syncing(folder, 'r', async () => {}); // Windows opens no folder
}

async function syncing(
  path: string,
  flags: string,
  act: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await act(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
