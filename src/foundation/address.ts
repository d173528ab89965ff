import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { MeshError } from './errors.js';

/** Where a program listens. The host is a name or an IP address, without the brackets of IPv6. */
export interface Address {
  readonly host: string;
  /** 1–65535. */
  readonly port: number;
}

/** `host:port`, `[::1]:port` → an address; undefined for anything else. A missing port is `defaultPort`, where one is given. */
export function parseAddress(text: string, defaultPort?: number): Address | undefined {
  const match = /^(?:\[([^[\]]*)\]|([^[\]:]*))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, bare, digits] = match;
  const host = bracketed ?? bare ?? '';
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port === undefined || port < 1 || port > 65_535) return undefined;
  const valid = bracketed === undefined ? isHost(host) : isIPv6(host);
  return valid ? { host, port } : undefined;
}

/** The address that someone wants to register. @throws invalid_registration */
export function requireAddress(text: string, defaultPort?: number): Address {
  const address = parseAddress(text, defaultPort);
  if (address !== undefined) return address;
  throw new MeshError('invalid_registration', `\`${text}\` is not an address`, {
    hint: /^:?\d{1,5}$/.test(text)
      ? `Did you mean 127.0.0.1:${text.replace(':', '')}?`
      : 'Write host:port, with a host name or an IP address in full and a port from 1 to 65535: 127.0.0.1:4001, [::1]:4001.',
  });
}

/** Who is at the other end. A socket that listens on IPv6 too shows IPv4 peers as `::ffff:127.0.0.1`. */
export function peerOf({ remoteAddress, remotePort }: Socket): Address {
  const host = (remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '');
  return { host, port: remotePort ?? 0 };
}

export function formatAddress(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** The URL on which whoever listens there is called; one that listens on every interface is called on loopback. */
export function urlOf({ host, port }: Address): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${formatAddress({ host: reachable, port })}`;
}

/** A name, or an IP address without brackets. */
export function isHost(host: string): boolean {
  if (host.includes(':')) return isIPv6(host) && !host.includes('%');
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(host)) return false;
  // A host that ends in a number must be an IPv4 address in full: `0` and `2130706433` are other ways to write one (CWE-918).
  const lastLabel = host.slice(host.lastIndexOf('.') + 1);
  return /^(?:\d+|0x[0-9a-f]*)$/i.test(lastLabel) ? isIPv4(host) : true;
}

/** Only programs of this machine reach it: 127.0.0.0/8, `::1`, `localhost` and what is below it (RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
  return /^(?:.+\.)?localhost$/i.test(host) || isIn(loopbacks, host);
}

/** It also knows IPv4 addresses in their IPv6 clothes, as all lists do. */
const loopbacks = new BlockList();
loopbacks.addSubnet('127.0.0.0', 8);
loopbacks.addAddress('::1', 'ipv6');

/** Unspecified, link-local, multicast and broadcast addresses: no service is called there. */
export function isUnsafeTarget(host: string): boolean {
  return isIn(unsafeTargets, host);
}

/** `0.0.0.0` and `::` mean every interface, 169.254.169.254 and fd00:ec2::254 are clouds' metadata servers, and many listen to a multicast (CWE-918). */
const unsafeTargets = new BlockList();
unsafeTargets.addSubnet('0.0.0.0', 8);
unsafeTargets.addSubnet('169.254.0.0', 16);
unsafeTargets.addSubnet('224.0.0.0', 4);
unsafeTargets.addAddress('255.255.255.255');
unsafeTargets.addAddress('::', 'ipv6');
unsafeTargets.addAddress('fd00:ec2::254', 'ipv6');
unsafeTargets.addSubnet('fe80::', 10, 'ipv6');
unsafeTargets.addSubnet('ff00::', 8, 'ipv6');

function isIn(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** The id of an instance that was given none: its address in the alphabet of ids, 127.0.0.1:4001 → `127.0.0.1-4001`. */
export function addressId(address: Address): string {
  const text = formatAddress(address);
  const id = text.replace(/^\[/, 'ip6-').replace(/[^A-Za-z0-9._-]/g, '-'); // with a dash in front it would be taken for an option
  if (id.length <= longestId) return id;
  // Names of cloud machines differ at their beginning, ports at the end: a digest tells them all apart.
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${id.slice(0, longestId - digest.length - 1)}-${digest}`;
}

const longestId = 64;
