import type { Finding, Path } from '../finding.js';
import type { MeshFile, ServiceFile } from '../schema/mesh-file.js';
import { replicasDefault } from '../schema/replicas.js';

/** Keys of one service, or of it and `defaults`, that cannot stand together. */
export function checkService(
  name: string,
  service: ServiceFile,
  defaults: MeshFile['defaults'],
  isBroken: (path: Path) => boolean,
): Finding[] {
  const path = ['services', name];
  // A key that was left out because of a mistake in it must not be missed as well.
  const isRead = (...at: string[]) => !isBroken(at);
  return [
    ...checkName(name, path),
    ...(isRead(...path, 'command') ? checkKeys(service, path) : []),
    ...(isRead(...path, 'healthCheck') && isRead('defaults', 'healthCheck') ? checkProbe(service, defaults, path) : []),
  ];
}

/** Its peers would be told its address in a variable that is the mesh's own. */
function checkName(name: string, path: string[]): Finding[] {
  if (name !== 'mesh-gateway' && name !== 'mesh-admin') return [];
  const variable = name === 'mesh-gateway' ? 'MESH_GATEWAY_URL' : 'MESH_ADMIN_URL';
  return [contradiction(`the mesh sets ${variable} itself`, path, 'give the service another name')];
}

function checkKeys(service: ServiceFile, path: string[]): Finding[] {
  return [
    ...(service.expose === false ? checkWorker(service, path) : []),
    ...(service.command === undefined ? checkWithoutCommand(service, path) : checkProcess(service, path)),
  ];
}

const keysOfTheCalled = ['port', 'listen', 'routes', 'instances', 'healthCheck'] as const;

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

function checkProbe(service: ServiceFile, defaults: MeshFile['defaults'], path: string[]): Finding[] {
  const own = service.healthCheck;
  if (own === undefined || service.expose === false) return [];
  const at = [...path, 'healthCheck'];
  if (own.path !== undefined && own.tcp !== undefined) {
    return [contradiction('a health check is either `path` or `tcp: true`, not both', [...at, 'tcp'])];
  }
  const probes = [own.path, own.tcp, defaults?.healthCheck?.path, defaults?.healthCheck?.tcp];
  if (probes.some((probe) => probe !== undefined)) return [];
  return [contradiction('a health check needs `path: /…` (HTTP) or `tcp: true`', at)];
}

function contradiction(message: string, path: string[], hint?: string): Finding {
  return { code: 'contradiction', message, path, at: 'key', ...(hint !== undefined && { hint }) };
}
