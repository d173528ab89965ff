import { addressOf } from '../config/instance-address.js';
import { requireAddress } from '../foundation/address.js';
import { MeshError } from '../foundation/errors.js';
import type { Health, Instance, InstanceSource } from '../registry/instance.js';
import type { Registration } from '../registry/registration.js';
import type { Registry } from '../registry/registry.js';
import type { Service } from '../registry/service.js';

/** A service as a program sees it: a copy, true when it was asked for. */
export interface MeshService {
  readonly name: string;
  readonly instances: readonly MeshInstance[];
}

export interface MeshInstance {
  /** One of its service; made of the address where nobody named it. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
  /** Who brought it: the mesh file, a process that the mesh runs, or a registration. */
  readonly source: InstanceSource;
  /** `unknown` where nobody checks it: then it is trusted. */
  readonly health: Health;
  /** Share of the traffic beside its siblings, 0–1000; 0 gets none. */
  readonly weight: number;
  readonly version: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** `address` is `host:port`; ttl is in milliseconds. The rest as in a mesh file. */
export type RegistrationOptions = Omit<Registration, 'address'> &
  ({ readonly address: string } | { readonly host: string; readonly port?: number });

export function faceOfService(service: Service): MeshService {
  return { name: service.name, instances: service.instances.map(toFace) };
}

export function faceOfInstance(registry: Registry, service: string, id: string): MeshInstance {
  const instance = registry.instance(service, id);
  if (instance === undefined) throw new MeshError('unknown_instance', `\`${service}\` has no instance \`${id}\``);
  return toFace(instance);
}

/** @param defaultPort of an instance that names none */
export function toRegistration(instance: string | RegistrationOptions, defaultPort: number | undefined): Registration {
  if (typeof instance === 'string') return { address: requireAddress(instance, defaultPort) };
  const { id, weight, version, metadata, ttl } = instance;
  const text = 'address' in instance ? instance.address : instance.host;
  const address = addressOf(instance, defaultPort) ?? requireAddress(text);
  return { id, address, weight, version, metadata, ttl };
}

function toFace({ id, address, source, health, weight, version, metadata }: Instance): MeshInstance {
  return {
    id,
    host: address.host,
    port: address.port,
    source,
    health,
    weight,
    version,
    metadata,
  };
}
