import type { Address } from '../foundation/address.js';
import { parseAddress } from '../foundation/address.js';
import type { ServiceFile } from './schema/mesh-file.js';

export type InstanceFile = NonNullable<ServiceFile['instances']>[number];

/** The address of an instance, in whichever form it is given; undefined when it is none, or lacks a port. */
export function addressOf(instance: InstanceFile, servicePort: number | undefined): Address | undefined {
  if (instance.address !== undefined) return parseAddress(instance.address, servicePort);
  if (!('host' in instance) || instance.host === undefined) return undefined;
  // IPv6 is written with and without brackets.
  const host = /^[^[]*:/.test(instance.host) ? `[${instance.host}]` : instance.host;
  const port = instance.port ?? servicePort;
  return port === undefined ? undefined : parseAddress(`${host}:${port}`);
}
