// Our gateway in front of a plain service, found by its host name. Argument: the port of the upstream.
import { ServiceMesh } from '../../dist/index.js';

const [upstream] = process.argv.slice(2);
const mesh = new ServiceMesh({
  name: 'bench',
  gateway: { port: 0 },
  admin: { port: 0 },
  services: { shop: { instances: [`127.0.0.1:${upstream}`] } },
});
await mesh.start();
console.log(new URL(mesh.gatewayUrl).port);
