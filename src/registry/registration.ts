import { z } from 'zod';
import type { Address } from '../foundation/address.js';
import { addressId, formatAddress, isUnsafeTarget, parseAddress } from '../foundation/address.js';
import { MeshError } from '../foundation/errors.js';
import {
  heaviestWeight,
  instanceIdExpected,
  instanceIdPattern,
  serviceNameExpected,
  serviceNamePattern,
  versionExpected,
  versionPattern,
} from '../foundation/names.js';
import { formatDuration } from '../foundation/units.js';
import type { InstanceSpec } from './instance.js';

/** What someone says at run time: `orders` runs there. */
export interface Registration {
  /** Default: made of the address. */
  readonly id?: string | undefined;
  readonly address: Address;
  /** 0–1000. Default 1. */
  readonly weight?: number | undefined;
  readonly version?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds without a heartbeat until it is removed, from a second to a day. Default: it stays until it is deregistered. */
  readonly ttl?: number | undefined;
}

/** Milliseconds: a shorter lease would be lost to a busy machine, a longer one is no lease. */
const shortestTtl = 1_000;
const longestTtl = 24 * 3_600_000;
const ttlExpected = `a time to live from ${formatDuration(shortestTtl)} to ${formatDuration(longestTtl)}`;

/** The parts of a registration, each with what it must be. Programs without types call, too, and files are edited by hand. */
export const registrationParts = {
  service: z.string().regex(serviceNamePattern, `expected ${serviceNameExpected}`),
  id: z.string().regex(instanceIdPattern, `expected ${instanceIdExpected}`),
  address: z
    .object({ host: z.string(), port: z.number().int() })
    .refine((address) => parseAddress(formatAddress(address)) !== undefined, 'expected host:port'),
  weight: z.number().int().min(0).max(heaviestWeight),
  version: z.string().regex(versionPattern, `expected ${versionExpected}`),
  metadata: z.record(z.string().max(64), z.string().max(1_024)),
  ttl: z
    .number(`expected ${ttlExpected}`)
    .min(shortestTtl, `expected ${ttlExpected}`)
    .max(longestTtl, `expected ${ttlExpected}`),
} as const;

const { service: servicePart, id, address, weight, version, metadata, ttl } = registrationParts;
const registrationSchema = z.object({
  service: servicePart,
  id: id.optional(),
  address,
  weight: weight.default(1),
  version: version.optional(),
  metadata: metadata.default({}),
  ttl: ttl.optional(),
});

/**
 * The registration with its defaults.
 * @throws invalid_registration naming every part that is wrong; forbidden_target
 */
export function toSpec(service: string, registration: Registration): InstanceSpec {
  const checked = registrationSchema.safeParse({ service, ...registration });
  if (!checked.success) {
    const mistakes = checked.error.issues.map(({ path, message }) => `\`${path.join('.')}\`: ${message}`);
    throw new MeshError('invalid_registration', mistakes.join('; '));
  }
  const { address, id = addressId(address), weight, version, metadata } = checked.data;
  if (isUnsafeTarget(address.host)) {
    throw new MeshError('forbidden_target', `${formatAddress(address)} is not the address of a service`, {
      hint: 'Unspecified, link-local (cloud metadata), multicast and broadcast addresses are refused.',
    });
  }
  return { id, address, weight, version, metadata };
}
