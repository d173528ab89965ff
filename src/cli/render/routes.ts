import type { RouteView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';

/** A route in a few words: `shop.localhost`, `GET /api → /`. */
export function renderRoute({
  host,
  path,
  method,
  headers,
  cookies,
  query,
  rewrite,
  version,
  priority,
}: RouteView): string {
  const where = host === '*' ? path : path === '/' ? host : `${host}${path}`;
  const pairs = [
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...Object.entries(cookies).map(([name, value]) => `cookie ${name}=${value}`),
    ...Object.entries(query).map(([name, value]) => `?${name}=${value}`),
  ];
  const parts = [
    ...(method === null ? [] : [method]),
    where,
    ...(rewrite === null ? [] : [`→ ${rewrite}`]),
    ...(pairs.length === 0 ? [] : [`(${pairs.join(', ')})`]),
    ...(version === null ? [] : [`to version ${version}`]),
    ...(priority === null ? [] : [`priority ${priority}`]),
  ];
  return printable(parts.join(' '));
}
