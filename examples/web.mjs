// The shop's front: a page, and an API that asks `orders`.
import { call, serve } from './serve.mjs';

const { ORDERS_URL, MESH_INSTANCE } = process.env;

await serve({
  'GET /': async () => ({ body: page(await call(ORDERS_URL, '/orders')) }),
  'GET /api/orders': async () => ({ body: await call(ORDERS_URL, '/orders') }),
  'POST /api/checkout': async (basket) => ({
    status: 201,
    body: await call(ORDERS_URL, '/orders', basket),
  }),
});

function page({ orders, servedBy }) {
  const rows = orders.map(({ id, item, status }) => `<li>#${id} ${item}: ${status}</li>`).join('');
  return `<!doctype html><title>Shop</title><h1>Orders</h1><ul>${rows}</ul><p>${servedBy}, shown by ${MESH_INSTANCE}</p>`;
}
