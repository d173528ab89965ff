// Our gateway with all that a service can be configured with. Argument: the port of the upstream.
// A new key of a service belongs in here.
import { ServiceMesh } from '../../dist/index.js';
import { fields, host, paths, prefix } from '../lib/contract.mjs';

const [upstream] = process.argv.slice(2);
const route = { host, path: prefix, rewrite: '/', headers: { 'x-bench': fields['x-bench'] } };
const mesh = new ServiceMesh({
  name: 'bench',
  gateway: { port: 0 },
  admin: { port: 0 },
  services: {
    everything: {
      version: 'v1',
      instances: [{ address: `127.0.0.1:${upstream}`, weight: 2, version: 'v2', metadata: { zone: 'a' } }],
      healthCheck: { path: paths.health, interval: '2s' },
      timeouts: { request: '10s', connect: '500ms' },
      routes: [{ ...route, method: 'GET' }, { ...route, method: 'POST' }, { path: '/other' }, { host: `*.${host}` }],
    },
  },
});
await mesh.start();
console.log(new URL(mesh.gatewayUrl).port);
