// A program that the mesh does not know as an instance: it listens where it likes and registers itself, with a lease
// that it renews. Any language can: one PUT, then one POST every few seconds.
import { startOrders } from './orders.mjs';
import { pause } from './serve.mjs';

const { MESH_ADMIN_URL, MESH_TOKEN } = process.env;
const instance = `${MESH_ADMIN_URL}/v1/services/orders/instances/orders-v2`;
const headers = {
  authorization: `Bearer ${MESH_TOKEN}`,
  'content-type': 'application/json',
};

const port = await startOrders(0);
await register();
console.log('registered as orders v2');

process.once('SIGTERM', async () => {
  await fetch(instance, { method: 'DELETE', headers });
  process.exit();
});

while (true) {
  await pause(3_000);
  const { status } = await fetch(`${instance}/heartbeat`, {
    method: 'POST',
    headers,
  });
  if (status === 404) await register(); // the lease expired, while this machine slept for instance
}

async function register() {
  const body = JSON.stringify({
    address: `127.0.0.1:${port}`,
    version: 'v2',
    ttl: '10s',
  });
  const response = await fetch(instance, { method: 'PUT', headers, body });
  if (!response.ok) throw new Error(`registration was answered ${response.status}: ${await response.text()}`);
}
