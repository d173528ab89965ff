import { Child, gatewayCore, temporaryFolder } from '../lib/children.mjs';
import { accepting, freePort } from '../lib/ports.mjs';
import { findProgram } from '../lib/programs.mjs';
import { mesh, meshAll } from './mesh.mjs';
import { caddy, haproxy, nginx } from './native.mjs';

/**
 * The gateways that are compared. `start(upstream)` runs one on its own core, in front of that port of 127.0.0.1, and
 * resolves with the process and the port on which it accepts.
 */
export const candidates = [
  command('mesh', process.execPath, mesh),
  command('mesh-all', process.execPath, meshAll),
  node('http-proxy'),
  node('http-proxy-3'),
  node('httpxy'),
  node('fastify'),
  node('byte-copy'),
  command('nginx', findProgram('nginx'), nginx),
  command('haproxy', findProgram('haproxy'), haproxy),
  command('caddy', findProgram('caddy'), caddy),
];

function node(name) {
  const program = new URL(`${name}.mjs`, import.meta.url).pathname;
  return {
    name,
    isInstalled: true,
    async start(upstream) {
      const child = new Child(gatewayCore, process.execPath, [program, String(upstream)]);
      return { child, port: Number(await child.firstLine()) };
    },
  };
}

/** A program that reads where to listen from a file of its own. */
function command(name, program, configure) {
  return {
    name,
    isInstalled: program !== undefined,
    async start(upstream) {
      const port = await freePort();
      const { args, env } = configure({ folder: temporaryFolder(), port, upstream });
      const child = new Child(gatewayCore, program, args, { env });
      await accepting(port, child);
      return { child, port };
    },
  };
}
