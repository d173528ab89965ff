// A gateway whose services are paced, or take one request at a time. Argument: the port of the upstream.
import { ServiceMesh } from '../../dist/index.js';

const [upstream] = process.argv.slice(2);
const instances = [`127.0.0.1:${upstream}`];
const mesh = new ServiceMesh({
  name: 'bench',
  gateway: { port: 0, maxConnections: 20_000 },
  admin: { port: 0 },
  services: {
    paced: { instances, timeouts: { request: '0' }, rateLimit: { rate: '100/s', burst: 10, maxDelay: '60s' } },
    line: { instances, timeouts: { request: '0' }, rateLimit: { rate: '100/h', burst: 1, maxDelay: '500h' } },
    full: { instances, timeouts: { request: '0' }, concurrency: { limit: 1, queue: 10_000, maxWait: '10m' } },
  },
});
await mesh.start();
console.log(new URL(mesh.gatewayUrl).port);
