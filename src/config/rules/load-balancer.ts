import type { Finding, Path } from '../finding.js';
import type { LoadBalancerFile } from '../schema/load-balancer.js';
import { loadBalancerDefaults } from '../schema/load-balancer.js';
import type { MeshFile, ServiceFile } from '../schema/mesh-file.js';

/** What a policy looks at must be there, and nothing that it does not look at. */
export function checkLoadBalancer(
  name: string,
  service: ServiceFile,
  defaults: MeshFile['defaults'],
  isBroken: (path: Path) => boolean,
): Finding[] {
  const path = ['services', name, 'loadBalancer'];
  const below = defaults?.loadBalancer;
  if (service.loadBalancer === undefined || isBroken(path) || isBroken(['defaults', 'loadBalancer'])) return [];
  const policy = service.loadBalancer.policy ?? below?.policy ?? loadBalancerDefaults.policy;
  return checkPolicy(policy, service.loadBalancer, below, path);
}

/** Without a policy, `defaults` only fill in what services of each policy look at. */
export function checkDefaultLoadBalancer(defaults: MeshFile['defaults'], isBroken: (path: Path) => boolean): Finding[] {
  const own = defaults?.loadBalancer;
  const path = ['defaults', 'loadBalancer'];
  if (own?.policy === undefined || isBroken(path)) return [];
  return checkPolicy(own.policy, own, undefined, path);
}

type PolicyName = NonNullable<LoadBalancerFile['policy']>;

function checkPolicy(
  policy: PolicyName,
  own: LoadBalancerFile,
  below: LoadBalancerFile | undefined,
  path: readonly string[],
): Finding[] {
  const findings: Finding[] = [];
  const hashes = policy === 'ring-hash' || policy === 'maglev';
  const draws = policy === 'least-request' || policy === 'peak-ewma';
  if (hashes && own.hashOn === undefined && below?.hashOn === undefined) {
    findings.push({
      code: 'contradiction',
      message: `\`${policy}\` needs to know what of a request it hashes`,
      hint: `write \`loadBalancer: { policy: ${policy}, hashOn: { header: x-user } }\``,
      path,
      at: 'key',
    });
  }
  if (!hashes && own.hashOn !== undefined) {
    findings.push(unread('hashOn', policy, 'ring-hash', 'maglev', path));
  }
  if (!draws && own.choiceCount !== undefined) {
    findings.push(unread('choiceCount', policy, 'least-request', 'peak-ewma', path));
  }
  return findings;
}

function unread(key: string, policy: PolicyName, one: PolicyName, other: PolicyName, path: readonly string[]): Finding {
  return {
    code: 'contradiction',
    message: `\`${key}\` means nothing to the policy \`${policy}\``,
    hint: `remove it, or choose \`policy: ${one}\` or \`${other}\``,
    path: [...path, key],
    at: 'key',
  };
}
