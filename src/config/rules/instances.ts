import { addressId, formatAddress, isUnsafeTarget } from '../../foundation/address.js';
import type { Finding, Path } from '../finding.js';
import type { InstanceFile } from '../instance-address.js';
import { addressOf } from '../instance-address.js';
import type { ServiceFile } from '../schema/mesh-file.js';

/** Addresses that can be called, each under an id of its own. */
export function checkInstances(name: string, service: ServiceFile, isBroken: (path: Path) => boolean): Finding[] {
  const findings: Finding[] = [];
  const ids = new Set<string>();
  for (const [index, instance] of (service.instances ?? []).entries()) {
    const path = ['services', name, 'instances', index];
    if (isBroken(path)) continue;
    const mistake = addressMistake(instance, service.port);
    if (mistake !== undefined) {
      findings.push({ code: 'bad_address', path, ...mistake });
      continue;
    }
    const address = addressOf(instance, service.port);
    const id = ('id' in instance ? instance.id : undefined) ?? (address === undefined ? '' : addressId(address));
    if (service.command !== undefined && isReplicaOf(name, id)) {
      findings.push({
        code: 'duplicate_instance',
        message: `\`${id}\` is the name of a process of \`${name}\``,
        hint: 'give it another `id`',
        path: 'id' in instance ? [...path, 'id'] : path,
      });
    }
    if (ids.has(id)) {
      findings.push({
        code: 'duplicate_instance',
        message: `there is an instance \`${id}\` of \`${name}\` already`,
        hint: 'an id names one instance; without `id` it is made of the address',
        path,
      });
    }
    ids.add(id);
  }
  return findings;
}

/** `web-1`: the processes of a service are instances, too. */
function isReplicaOf(service: string, id: string): boolean {
  return id.startsWith(`${service}-`) && /^[1-9]\d*$/.test(id.slice(service.length + 1));
}

function addressMistake(
  instance: InstanceFile,
  servicePort: number | undefined,
): { message: string; hint?: string } | undefined {
  const { address, host, port } = { host: undefined, port: undefined, ...instance };
  if (address === undefined && host === undefined) {
    return {
      message: 'an instance needs an `address`',
      hint: 'write `address: "127.0.0.1:4001"`, or `host` and `port`',
    };
  }
  if (address !== undefined && (host !== undefined || port !== undefined)) {
    return { message: 'an instance has either an `address`, or `host` and `port`' };
  }
  const written = address ?? host ?? '';
  const parsed = addressOf(instance, servicePort);
  if (parsed === undefined) {
    const whole = addressOf(instance, 1) !== undefined;
    return whole
      ? { message: `\`${written}\` lacks a port`, hint: `write \`${written}:4001\`, or give the service a \`port\`` }
      : { message: `\`${written}\` is not a host`, hint: 'names, IPv4 addresses in full and IPv6 addresses are' };
  }
  if (!isUnsafeTarget(parsed.host)) return undefined;
  return {
    message: `${formatAddress(parsed)} is not an address that can be called`,
    hint: 'a program that listens on every interface is called by 127.0.0.1',
  };
}
