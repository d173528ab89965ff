import { isLoopback } from '../../foundation/address.js';
import type { Finding, Path } from '../finding.js';
import { formatPath } from '../finding.js';
import { addressOf } from '../instance-address.js';
import { gatewayDefaults } from '../schema/gateway.js';
import type { MeshFile } from '../schema/mesh-file.js';

/** A port of this machine that the mesh file itself hands out. */
export interface PortClaim {
  readonly port: number;
  /** Who listens there: the mesh, or a program. */
  readonly by: 'mesh' | 'process' | 'instance';
  readonly path: Path;
}

/** Every fixed port that the file names, in its order; 0 is none, for it takes a free one. */
export function claimedPorts(file: MeshFile): readonly PortClaim[] {
  const claims: PortClaim[] = [];
  const claim = (port: number | undefined, by: PortClaim['by'], path: Path) => {
    if (port !== undefined && port !== 0) claims.push({ port, by, path });
  };
  claim(file.gateway?.port, 'mesh', ['gateway', 'port']);
  claim(file.admin?.port, 'mesh', ['admin', 'port']);
  for (const [name, service] of Object.entries(file.services ?? {})) {
    const path = ['services', name];
    claim(service.listen, 'mesh', [...path, 'listen']);
    if (service.command !== undefined) claim(service.port, 'process', [...path, 'port']);
    for (const [index, instance] of (service.instances ?? []).entries()) {
      const address = addressOf(instance, service.port);
      if (address !== undefined && isHere(address.host, file)) {
        claim(address.port, 'instance', [...path, 'instances', index]);
      }
    }
  }
  return claims;
}

/** One port, one listener: the mesh's own doors and the processes' fixed ports; and no instance is the mesh itself. */
export function checkPorts(file: MeshFile): Finding[] {
  const holders = new Map<number, PortClaim>();
  const claims = claimedPorts(file);
  const findings: Finding[] = [];
  for (const claim of claims.filter(({ by }) => by !== 'instance')) {
    const holder = holders.get(claim.port);
    if (holder === undefined) {
      holders.set(claim.port, claim);
      continue;
    }
    findings.push({
      code: 'port_conflict',
      message: `port ${claim.port} is that of \`${formatPath(holder.path)}\` already`,
      hint: 'one of them needs another port',
      path: claim.path,
    });
  }
  for (const claim of claims.filter(({ by }) => by === 'instance')) {
    const holder = holders.get(claim.port);
    if (holder?.by !== 'mesh') continue;
    findings.push({
      code: 'own_address',
      message: `port ${claim.port} is the mesh's own (\`${formatPath(holder.path)}\`): it would call itself`,
      hint: 'name the address of the service, or another port there',
      path: claim.path,
    });
  }
  return findings;
}

function isHere(host: string, file: MeshFile): boolean {
  return isLoopback(host) || host === (file.gateway?.host ?? gatewayDefaults.host);
}
