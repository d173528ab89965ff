import { copyFile, readFile, rename, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../../foundation/clock.js';
import { errnoOf, MeshError, messageOf } from '../../foundation/errors.js';
import { parseJson, writeWhole } from '../../foundation/state-file.js';
import { registrationParts } from '../registration.js';
import type { Loaded, RegistryStore, StoredInstance } from '../store.js';

/** Of the file's format; a file of another version is set aside like a corrupt one. */
const formatVersion = 1;

const storedFile = z.object({ version: z.literal(formatVersion), instances: z.array(z.unknown()) });

const { version, ttl, ...required } = registrationParts;
const storedInstance = z.object({ ...required, version: version.optional(), ttl: ttl.optional() });

/**
 * Registrations in one JSON file that is always whole. What cannot be understood of it is set aside under another name,
 * never overwritten and never a reason not to start.
 */
export function fileStore(path: string, clock: Clock): RegistryStore {
  const aside = () => `${path}.unreadable-${new Date(clock.now()).toISOString().replace(/[:.]/g, '-')}`;
  return {
    async load() {
      const found = await look(path);
      if (found.kind === 'nothing') return { instances: [], warning: undefined };
      const file = storedFile.safeParse(found.kind === 'text' ? parseJson(found.text) : undefined);
      if (file.success) return understood(file.data.instances, path, aside());
      const kept = aside();
      await rename(path, kept);
      const warning = `${path} could not be understood and was set aside as ${kept}; starting without registered instances.`;
      return { instances: [], warning };
    },

    save: (instances) => writeWhole(path, `${JSON.stringify({ version: formatVersion, instances }, null, 2)}\n`),
  };
}

async function look(path: string): Promise<{ kind: 'nothing' | 'no-file' } | { kind: 'text'; text: string }> {
  try {
    if (!(await stat(path)).isFile()) return { kind: 'no-file' }; // a pipe would keep the start waiting
    return { kind: 'text', text: await readFile(path, 'utf8') };
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === 'ENOENT') return { kind: 'nothing' };
    if (errno === 'ELOOP') return { kind: 'no-file' };
    throw new MeshError('file_inaccessible', `Cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** One bad entry takes no other with it. */
async function understood(entries: readonly unknown[], path: string, aside: string): Promise<Loaded> {
  const instances = entries.flatMap((entry): StoredInstance[] => {
    const { data } = storedInstance.safeParse(entry);
    return data === undefined ? [] : [{ ...data, version: data.version, ttl: data.ttl }];
  });
  const lost = entries.length - instances.length;
  if (lost === 0) return { instances, warning: undefined };
  await copyFile(path, aside);
  const what = `${lost} of ${entries.length} registrations in ${path} could not be understood`;
  return { instances, warning: `${what}; the file as it was is kept as ${aside}.` };
}
