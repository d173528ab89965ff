import type { ServiceConfig } from '../config/snapshot.js';
import type { Address } from '../foundation/address.js';

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
 * What a program is told: where to listen, who it is, and where its peers are. Peers are found by `<NAME>_URL` and by
 * the variables that Kubernetes gives its pods; a program needs no mesh library. The mesh's words win over the inherited
 * ones, and the service's own `environment` wins over both (that is added by the supervisor).
 */
export function environmentOf(
  service: ServiceConfig,
  replica: string,
  port: number | undefined,
  surroundings: Surroundings,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(surroundings.inherited))
    if (value !== undefined) environment[name] = value;
  if (port === undefined) delete environment.PORT;
  else environment.PORT = String(port);
  environment.MESH_SERVICE = service.name;
  environment.MESH_INSTANCE = replica;
  environment.MESH_GATEWAY_URL = surroundings.gatewayUrl;
  environment.MESH_ADMIN_URL = surroundings.adminUrl;
  if (surroundings.token !== undefined) environment.MESH_TOKEN = surroundings.token;
  for (const [peer, door] of surroundings.doors) {
    const prefix = peer.toUpperCase().replaceAll('-', '_');
    environment[`${prefix}_URL`] = `http://${door.host}:${door.port}`;
    environment[`${prefix}_SERVICE_HOST`] = door.host;
    environment[`${prefix}_SERVICE_PORT`] = String(door.port);
  }
  return environment;
}
