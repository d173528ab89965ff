import { printable } from '../../foundation/text.js';

/** The routes of a service in words, from what `GET /v1/config` says: `shop.localhost`, `GET /api → /`. */
export function renderRoutes(config: unknown, service: string): string[] {
  const one = listIn(config, 'services').find((candidate) => field(candidate, 'name') === service);
  return listIn(one, 'routes').map(renderRoute);
}

function renderRoute(route: unknown): string {
  const host = text(route, 'host') ?? '*';
  const path = text(route, 'path') ?? '/';
  const where = host === '*' ? path : path === '/' ? host : `${host}${path}`;
  const rewrite = text(route, 'rewrite');
  const headers = Object.entries(field(route, 'headers') ?? {}).map(([name, value]) => `${name}: ${value}`);
  const parts = [text(route, 'method'), where, rewrite === undefined ? undefined : `→ ${rewrite}`];
  if (headers.length > 0) parts.push(`(${headers.join(', ')})`);
  return printable(parts.filter((part) => part !== undefined).join(' '));
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
}

function text(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' ? found : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
