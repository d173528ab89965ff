// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { verbatimText } from './values.js';

export const command = verbatimText('a command line').describe(
  "The command line that starts the service. The shell runs it in a process group of its own, with PORT (where it must listen), MESH_SERVICE, MESH_INSTANCE, MESH_GATEWAY_URL, MESH_ADMIN_URL, MESH_TOKEN and for every other service NAME_URL. `$PORT` and `${NAME}` in it are the shell's: the mesh replaces nothing here. Compose: command.",
);
