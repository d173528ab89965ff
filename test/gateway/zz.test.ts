import { test } from 'vitest';
import { TestGateway, open } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';
const log = (...a: unknown[]) => process.stderr.write(a.map(String).join(' ') + '\n');
test('x', async () => {
  await using orders = await RawUpstream.start((socket) => { socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'); setTimeout(() => socket.destroy(), 30); });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  await mesh.call('orders/').catch((e) => log('E', e));
  log(JSON.stringify(await mesh.outcome()));
  using old = await RawClient.connect(mesh.address);
  old.send('GET / HTTP/1.0\r\nHost: orders.localhost\r\n\r\n');
  await old.until(/half/); log('half');
});
test('y', async () => {
  const chunk = Buffer.alloc(1024*1024); let written = 0;
  await using orders = await Upstream.start((_request, response) => { const more = () => { while (written < 2e8) { written += chunk.length; if (!response.write(chunk)) { response.once('drain', more); return; } } }; more(); });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
  await new Promise(r => setTimeout(r, 500));
  message.destroy(); log('destroyed', written);
  const t = Date.now(); const c = mesh.gateway.close(); for (const w of [1,100,500,1000]) setTimeout(() => log(w, JSON.stringify(mesh.exchanges[0]?.outcome), mesh.exchanges[0]?.abortedBy, orders.open.size), w); await c; log('closed', Date.now()-t);
  log(JSON.stringify(mesh.exchanges[0]?.outcome), mesh.exchanges[0]?.abortedBy, orders.open.size);
});
