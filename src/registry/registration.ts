import type { Address } from '../foundation/address.js';
import { addressId, formatAddress, isUnsafeTarget, parseAddress } from '../foundation/address.js';
import { MeshError } from '../foundation/errors.js';
import { instanceIdPattern, serviceNamePattern } from '../foundation/names.js';
import type { InstanceSpec } from './instance.js';

/** What someone says at run time: `orders` runs there. */
export interface Registration {
  readonly id?: string;
  readonly address: Address;
  /** Default 1. */
  readonly weight?: number;
  readonly version?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds without a heartbeat until it is removed. Default: it stays until it is deregistered. */
  readonly ttl?: number;
}

/** The registration with its defaults, or the error that names what is wrong with it. */
export function toSpec(service: string, registration: Registration): InstanceSpec {
  if (!serviceNamePattern.test(service)) {
    throw invalid(`\`${service}\` is not a service name`, 'Use a DNS label: a-z, 0-9 and -, at most 63 characters.');
  }
  const { address, weight = 1, version, metadata = {} } = registration;
  if (parseAddress(formatAddress(address)) === undefined) {
    throw invalid(
      `\`${formatAddress(address)}\` is not an address`,
      'Write host:port, with a host name or an IP address in full and a port from 1 to 65535.',
    );
  }
  const id = registration.id ?? addressId(address);
  if (!instanceIdPattern.test(id)) {
    throw invalid(`\`${id}\` is not an instance id`, 'Use 1 to 64 characters of A-Z, a-z, 0-9, `.`, `_` and `-`.');
  }
  if (!(weight >= 0 && weight < Infinity)) {
    throw invalid(`${weight} is not a weight`, "Use 0 for no traffic, or a share beside the siblings' such as 1.");
  }
  const { ttl } = registration;
  if (ttl !== undefined && !(ttl > 0 && ttl <= longestTtl)) {
    throw invalid(`A lease cannot last ${ttl} ms`, 'Use more than 0 and at most 24 days, or no TTL at all.');
  }
  if (isUnsafeTarget(address.host)) {
    throw new MeshError('forbidden_target', `${formatAddress(address)} is not the address of a service`, {
      hint: 'Unspecified, link-local (cloud metadata), multicast and broadcast addresses are refused.',
    });
  }
  return { id, address, weight, version, metadata };
}

/** Milliseconds: timers count in 31 bits, and one that overflows would fire at once. */
const longestTtl = 24 * 86_400_000;

function invalid(message: string, hint: string): MeshError {
  return new MeshError('invalid_registration', message, { hint });
}
