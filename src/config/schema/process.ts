// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { dictionary, list } from './section.js';
import { serviceName } from './service-name.js';
import { anyText, choice, duration, integer, text, verbatimText } from './values.js';

/** Durations are milliseconds. */
export const processDefaults = { directory: '.', replicas: 1, restart: 'on-failure', stopTimeout: 10_000 } as const;

export const command = verbatimText('a command line').describe(
  "The command line that starts the service. The shell runs it in a process group of its own, with PORT (where it must listen), MESH_SERVICE, MESH_INSTANCE, MESH_GATEWAY_URL, MESH_ADMIN_URL, MESH_TOKEN and for every other service NAME_URL. `$PORT` and `${NAME}` in it are the shell's: the mesh replaces nothing here. Compose: command.",
);

export const directory = text('a folder', /\S/).meta({
  description:
    'The folder in which the command runs, against the folder of the mesh file. Compose: working_dir. Default: the folder of the mesh file.',
  default: processDefaults.directory,
});

export const environment = dictionary(
  {
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
    expected: 'a variable name of letters, digits and _ that does not begin with a digit',
  },
  anyText('text, a number, true or false').describe('The value; a number is passed on as it is written.'),
).describe(
  "Variables for the processes of the service, beside those of the mesh's own environment: name → value. Values read the environment of the mesh: `${NAME}`, `${NAME:-default}`; `$$` is a dollar sign. Compose: environment.",
);

export const replicas = integer(1, 100).meta({
  description:
    'How many processes run the command, each with a port of its own. Kubernetes and Compose: replicas. Default 1.',
  default: processDefaults.replicas,
});

export const dependsOn = list(
  serviceName().describe('A service of this mesh file.'),
  'services, such as `[orders]`',
).describe('The services that must be ready before this one is started. Compose: depends_on with service_healthy.');

export const restart = choice(['always', 'on-failure', 'never']).meta({
  description:
    'When a process that ended is started again, with a growing pause: `always`, `on-failure` (it ended with an error or by a signal), `never`. Compose: restart. Default on-failure.',
  default: processDefaults.restart,
});

export const stopTimeout = duration({ zero: 'allowed' }).meta({
  description:
    'How long a process may take to end after SIGTERM until it is killed. Compose: stop_grace_period. Default 10s.',
  default: '10s',
});

export const watch = list(
  text('a glob such as `src/**/*.js`', /\S/).describe('A glob, against the folder of the mesh file.'),
  'globs, such as `["src/**/*.js"]`',
).describe(
  'Files whose change restarts the processes: globs such as `src/**/*.js`, against the folder of the mesh file. Compose: develop.watch.',
);
