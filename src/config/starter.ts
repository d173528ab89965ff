import { stringify } from 'yaml';
import { escapeReferences } from './interpolate.js';
import type { RunnablePackage } from './workspaces.js';
import { findRunnable } from './workspaces.js';

/**
 * The text of a mesh file to start from, which runs as it stands: a service for each package of the folder's project that
 * has a `dev` or `start` script, or an example where there is none.
 * @param directory absolute.
 */
export async function starter(directory: string): Promise<string> {
  const packages = await findRunnable(directory);
  const services = packages.length === 0 ? example : packagesAsServices(packages);
  return `${head}\nservices:\n${services}${more}`;
}

const head = `# yaml-language-server: $schema=./node_modules/service-mesh/schema/mesh.schema.json
#
# A mesh file: the services of this project, and the gateway in front of them.
#   mesh up      starts it; each service is then at http://<service>.localhost:8080
#   mesh check   says what is wrong with this file
#   mesh ls      lists what runs where
`;

/** A server in one line, for a folder in which there is nothing to run yet. It needs no quotes of the shell's own kind inside. */
const example = `  # A service: a name that can be called. The mesh runs its command and says in PORT where to listen.
  hello:
    command: >-
      node -e "require('node:http').createServer((request, response) => response.end('Hello from the mesh.')).listen(process.env.PORT, '127.0.0.1')"
    # replicas: 2
`;

const more = `
  # A service that somebody else runs already:
  # orders:
  #   instances: ["127.0.0.1:4001"]
  #   healthCheck: { path: /healthz }
`;

function packagesAsServices(packages: readonly RunnablePackage[]): string {
  const taken = new Set<string>();
  const services = packages.map(({ name, directory, command }) => {
    const folder = directory === '.' ? '' : `    directory: ${scalar(directory)}\n`;
    return `  ${scalar(uniqueLabel(name, taken))}:\n${folder}    command: ${command}\n`;
  });
  return `  # The mesh runs each command and says in PORT where it must listen. A tool that does not look there takes it as an
  # option: \`command: npm run dev -- --port $PORT\`.
${services.join('\n')}`;
}

/** The package's name as a DNS label that no other service has: @shop/Web_App → web-app. */
function uniqueLabel(name: string, taken: Set<string>): string {
  const words = name
    .replace(/^@[^/]*\//, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  // 59 of 63 characters, so that a number fits behind it.
  const label = words.replace(/^-+/, '').slice(0, 59).replace(/-+$/, '') || 'app';
  let unique = label;
  for (let number = 2; taken.has(unique); number++) unique = `${label}-${number}`;
  taken.add(unique);
  return unique;
}

/** On one line, and quoted where YAML needs it: a folder may have a line break in its name, and a package be called `null`. */
function scalar(text: string): string {
  const written = escapeReferences(text);
  return /\p{Cc}/u.test(written) ? JSON.stringify(written) : stringify(written, { lineWidth: 0 }).trimEnd();
}
