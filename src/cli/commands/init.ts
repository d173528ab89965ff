import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { starter } from '../../config/starter.js';
import { errnoOf, MeshError } from '../../foundation/errors.js';
import type { Context } from '../context.js';
import { nameFrom } from '../mesh-file.js';

export interface InitOptions {
  readonly file: string;
  readonly force?: boolean;
}

export async function init({ terminal, ...context }: Context, options: InitOptions): Promise<number> {
  const file = resolve(terminal.directory, options.file);
  const name = nameFrom(terminal.directory, file);
  try {
    // `wx` fails where a file is: between a look and a write somebody else could have made one.
    await writeFile(file, await starter(dirname(file)), { flag: options.force ? 'w' : 'wx' });
  } catch (error) {
    throw refused(name, error);
  }
  const flag = name === 'mesh.yaml' ? '' : ` -f ${name}`;
  context.print(`Wrote ${name}. Start it with \`mesh up${flag}\`.`);
  return 0;
}

function refused(name: string, error: unknown): MeshError {
  if (errnoOf(error) === 'EEXIST') {
    return new MeshError('file_exists', `There is a ${name} already`, { hint: '`mesh init --force` overwrites it.' });
  }
  return new MeshError('file_inaccessible', `Cannot write ${name}: ${error instanceof Error ? error.message : error}`, {
    hint: 'Name a folder that you may write: `mesh init -f FILE`.',
    cause: error,
  });
}
