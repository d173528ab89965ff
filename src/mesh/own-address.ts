import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Address } from '../foundation/address.js';
import { isLoopback } from '../foundation/address.js';

/**
 * Is it the mesh itself that listens there, by whatever name of this machine? A gateway that is its own upstream would call
 * itself until the loop is noticed. Names are looked up only where the port is one of ours.
 */
export async function isOwn({ host, port }: Address, own: readonly Address[]): Promise<boolean> {
  const listeners = own.filter((address) => address.port === port);
  if (listeners.length === 0) return false;
  const hosts = isLoopback(host) || isIP(host) !== 0 ? [host] : await addressesOf(host);
  return hosts.some((each) => listeners.some((listener) => reaches(each, listener.host)));
}

function reaches(host: string, listening: string): boolean {
  if (listening === '0.0.0.0' || listening === '::') return isLoopback(host) || interfaces().includes(host);
  return isLoopback(listening) ? isLoopback(host) : host === listening;
}

async function addressesOf(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true }).catch(() => []); // a name that nobody knows is not ours
  return found.map(({ address }) => address);
}

function interfaces(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
}
