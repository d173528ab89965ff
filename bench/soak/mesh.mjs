// Our gateway under the soak. Argument: the port of the upstream.
import { ServiceMesh } from '../../dist/index.js';

const [upstream] = process.argv.slice(2);
const instances = [`127.0.0.1:${upstream}`];
const mesh = new ServiceMesh({
  name: 'soak',
  gateway: { port: 0 },
  admin: { port: 0 },
  // Nobody's timeout frees what a client that left has left behind at `patient`.
  services: { shop: { instances }, patient: { instances, timeouts: { request: 0 } } },
});
await mesh.start();
console.log(new URL(mesh.gatewayUrl).port);
