import type { Finding, Path } from '../finding.js';
import { anonymousCaller } from '../schema/allow.js';
import type { ServiceFile } from '../schema/mesh-file.js';
import { replicasDefault } from '../schema/replicas.js';

/** Keys of one service that cannot stand together, and names that it cannot have. */
export function checkService(name: string, service: ServiceFile, isBroken: (path: Path) => boolean): Finding[] {
  const path = ['services', name];
  // A key that was left out because of a mistake in it must not be missed as well.
  return [...checkName(name, path), ...(isBroken([...path, 'command']) ? [] : checkKeys(service, path))];
}

function checkName(name: string, path: string[]): Finding[] {
  const taken = takenNames.get(name);
  return taken === undefined ? [] : [contradiction(taken, path, 'give the service another name')];
}

const takenNames: ReadonlyMap<string, string> = new Map([
  // Its peers would be told its address in a variable that is the mesh's own.
  ['mesh-gateway', 'the mesh sets MESH_GATEWAY_URL itself'],
  ['mesh-admin', 'the mesh sets MESH_ADMIN_URL itself'],
  // `allow: [anonymous]` would let in everybody where one service was meant.
  [anonymousCaller, `\`${anonymousCaller}\` is every caller that the mesh does not know (see \`allow\`)`],
]);

function checkKeys(service: ServiceFile, path: string[]): Finding[] {
  return [
    ...(service.expose === false ? checkWorker(service, path) : []),
    ...(service.command === undefined ? checkWithoutCommand(service, path) : checkProcess(service, path)),
  ];
}

const keysOfTheCalled = [
  'port',
  'listen',
  'routes',
  'instances',
  'healthCheck',
  'allow',
  'loadBalancer',
  'split',
  'mirror',
  'timeouts',
  'retries',
  'connectionPool',
  'circuitBreaker',
  'outlierDetection',
  'rateLimit',
  'concurrency',
  'bandwidth',
  'faults',
  'slo',
] as const;

function checkWorker(service: ServiceFile, path: string[]): Finding[] {
  const findings = keysOfTheCalled
    .filter((key) => service[key] !== undefined)
    .map(
      (key): Finding =>
        contradiction(`\`${key}\` makes no sense here: with \`expose: false\` nobody calls the service`, [
          ...path,
          key,
        ]),
    );
  if (service.command === undefined) {
    findings.push(
      contradiction(
        'a worker (`expose: false`) needs a `command`',
        [...path, 'expose'],
        'a worker is a program that the mesh runs',
      ),
    );
  }
  return findings;
}

const keysOfProcesses = [
  'directory',
  'environment',
  'replicas',
  'dependsOn',
  'restart',
  'stopTimeout',
  'watch',
] as const;

function checkWithoutCommand(service: ServiceFile, path: string[]): Finding[] {
  return keysOfProcesses
    .filter((key) => service[key] !== undefined)
    .map((key) =>
      contradiction(`\`${key}\` is for programs that the mesh runs, and there is no \`command\``, [...path, key]),
    );
}

function checkProcess(service: ServiceFile, path: string[]): Finding[] {
  const findings: Finding[] = [];
  if (service.port !== undefined && (service.replicas ?? replicasDefault) > 1) {
    findings.push(
      contradiction(
        `${service.replicas} replicas cannot share the fixed port ${service.port}`,
        [...path, 'replicas'],
        'leave `port` out: the command finds a port of its own in PORT',
      ),
    );
  }
  if (service.watch !== undefined && service.watch.length > 0 && service.watch.every((glob) => glob.startsWith('!'))) {
    findings.push(contradiction('`watch` only leaves files out', [...path, 'watch'], 'name those to watch, too'));
  }
  return [...findings, ...checkEnvironment(service.environment, [...path, 'environment'])];
}

/** The mesh tells each process these; a value of the file would be lost without a word. */
export function checkEnvironment(environment: ServiceFile['environment'], path: string[]): Finding[] {
  return Object.keys(environment ?? {})
    .filter((name) => name === 'PORT' || name.startsWith('MESH_'))
    .map((name) => givenByMesh(name, [...path, name]));
}

function givenByMesh(name: string, path: string[]): Finding {
  const hint = name === 'PORT' ? 'for a fixed port write `port: …` beside `command`' : 'choose another name';
  return { ...contradiction(`the mesh sets ${name} itself`, path, hint), at: 'key' };
}

function contradiction(message: string, path: string[], hint?: string): Finding {
  return { code: 'contradiction', message, path, at: 'key', ...(hint !== undefined && { hint }) };
}
