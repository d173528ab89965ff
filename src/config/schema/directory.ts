import { text } from './values.js';

/** The folder of the mesh file. */
export const directoryDefault = '.';

export const directory = text('a folder', /\S/).meta({
  description:
    'The folder in which the command runs, against the folder of the mesh file. Compose: working_dir. Default: the folder of the mesh file.',
  default: directoryDefault,
});
