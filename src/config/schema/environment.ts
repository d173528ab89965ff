// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { dictionary } from './section.js';
import { anyText } from './values.js';

export const environment = dictionary(
  {
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
    expected: 'a variable name of letters, digits and _ that does not begin with a digit',
  },
  anyText('text, a number, true or false').describe('The value; a number is passed on as it is written.'),
).describe(
  "Variables for the processes of the service, beside those of the mesh's own environment: name → value. Values read the environment of the mesh: `${NAME}`, `${NAME:-default}`; `$$` is a dollar sign. Compose: environment.",
);
