import { isLoopback } from '../../foundation/address.js';
import type { Finding } from '../finding.js';
import type { MeshFile } from '../schema/mesh-file.js';

/** What other machines reach must not be steered by whoever comes along. */
export function checkToken({ admin, gateway }: MeshFile): Finding[] {
  if (admin?.token !== 'none') return [];
  const open = [
    { name: 'admin.host', host: admin.host },
    { name: 'gateway.host', host: gateway?.host },
  ].find(({ host }) => host !== undefined && !isLoopback(host));
  if (open === undefined) return [];
  return [
    {
      code: 'needs_token',
      message: `the admin API needs a token, for \`${open.name}\` is open to other machines (${open.host})`,
      hint: 'leave `token` out (auto), or give it a value',
      path: ['admin', 'token'],
    },
  ];
}
