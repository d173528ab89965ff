import type { ServiceConfig } from '../config/snapshot.js';
import type { Address } from '../foundation/address.js';
import { urlOf } from '../foundation/address.js';
import { telemetryEnvironment } from './telemetry-environment.js';

export interface Surroundings {
  /** What the mesh itself was started with. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  readonly token: string | undefined;
  /** The other services that can be called, each with the door on which this one calls it. */
  readonly doors: ReadonlyMap<string, Address>;
}

/**
 * The whole environment of a program. Peers are found by `<NAME>_URL` and by the variables that Kubernetes gives its pods;
 * a program needs no mesh library. The service's own `environment` wins over all that is inherited and over where its
 * peers are, so that a call can be sent elsewhere; where it listens and who it is, is the mesh's to say.
 */
export function environmentOf(
  service: ServiceConfig,
  replica: string,
  port: number | undefined,
  surroundings: Surroundings,
): Record<string, string> {
  const known = {
    ...surroundings.inherited,
    ...peersIn(surroundings.doors),
    ...service.process?.environment,
  };
  return given({
    ...known,
    ...telemetryEnvironment(service.name, surroundings.adminUrl, known),
    PORT: port === undefined ? undefined : String(port),
    MESH_SERVICE: service.name,
    MESH_INSTANCE: replica,
    ...meshIn(surroundings),
  });
}

/** That of a command that belongs to no service: `mesh alerts show` in it finds the mesh that has run it. */
export function commandEnvironment(surroundings: Omit<Surroundings, 'doors'>): Record<string, string> {
  return given({ ...surroundings.inherited, ...meshIn(surroundings) });
}

function meshIn({ gatewayUrl, adminUrl, token }: Omit<Surroundings, 'doors'>) {
  return { MESH_GATEWAY_URL: gatewayUrl, MESH_ADMIN_URL: adminUrl, MESH_TOKEN: token };
}

function given(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

function peersIn(doors: Surroundings['doors']): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [peer, door] of doors) {
    const prefix = peer.toUpperCase().replaceAll('-', '_');
    variables[`${prefix}_URL`] = urlOf(door);
    variables[`${prefix}_SERVICE_HOST`] = door.host;
    variables[`${prefix}_SERVICE_PORT`] = String(door.port);
  }
  return variables;
}
