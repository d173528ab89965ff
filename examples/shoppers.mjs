// A worker: it calls others and cannot be called. Its shoppers come in waves, so that `mesh top` is alive.
import { pause } from './serve.mjs';

const { WEB_URL } = process.env;
/** Requests per second, at the ebb and at the flood, and how long a wave takes. */
const [ebb, flood, waveMilliseconds] = [5, 40, 30_000];

const counts = { served: 0, failed: 0 };
setInterval(() => {
  console.log(`${counts.served} shoppers served, ${counts.failed} turned away`);
  counts.served = counts.failed = 0;
}, 10_000);

while (true) {
  shop().then(
    (ok) => counts[ok ? 'served' : 'failed']++,
    () => counts.failed++,
  );
  const tide = (1 - Math.cos((2 * Math.PI * Date.now()) / waveMilliseconds)) / 2;
  await pause(1_000 / (ebb + (flood - ebb) * tide));
}

async function shop() {
  const isBuying = Math.random() < 0.4;
  const response = isBuying
    ? await fetch(`${WEB_URL}/api/checkout`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      })
    : await fetch(`${WEB_URL}/api/orders`);
  await response.arrayBuffer();
  return response.ok;
}
