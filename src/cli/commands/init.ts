import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { starter } from '../../config/starter.js';
import { errnoOf, MeshError, messageOf } from '../../foundation/errors.js';
import type { Context } from '../context.js';
import { meshFileIn, nameFrom } from '../mesh-file.js';

export interface InitOptions {
  readonly file: string;
  readonly force?: boolean;
}

export async function init({ terminal, ...context }: Context, options: InitOptions): Promise<number> {
  const file = resolve(terminal.directory, options.file);
  const name = nameFrom(terminal.directory, file);
  const other = await meshFileIn(dirname(file));
  if (other !== undefined && other !== file && name === 'mesh.yaml' && !options.force) {
    throw new MeshError('file_exists', `There is a ${nameFrom(terminal.directory, other)} already`, {
      hint: 'A mesh.yaml beside it would come first: rename one of them, or write to another name with `-f FILE`.',
    });
  }
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
  return new MeshError('file_inaccessible', `Cannot write ${name}: ${messageOf(error)}`, {
    hint: 'Name a folder that you may write: `mesh init -f FILE`.',
    cause: error,
  });
}
