import { list } from './section.js';
import { text } from './values.js';

export const watch = list(
  text('a glob such as `src/**/*.js`', /\S/).describe('A glob, against the folder of the mesh file.'),
  'globs, such as `["src/**/*.js"]`',
).describe(
  'Files whose change restarts the processes: globs such as `src/**/*.js`, against the folder of the mesh file. Compose: develop.watch.',
);
