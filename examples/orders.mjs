// Takes orders and has them paid by `payments`. Version 2 is the same program, registered by itself (orders-v2.mjs).
import { call, pause, serve } from './serve.mjs';
import { span } from './span.mjs';

const { PAYMENTS_URL, MESH_INSTANCE = 'orders' } = process.env;
const items = ['tea', 'honey', 'bread', 'salt'];
const orders = items.map((item, at) => ({
  id: at + 1,
  item,
  status: 'delivered',
}));
let nextId = orders.length + 1;

export const startOrders = (port) =>
  serve(
    {
      'GET /orders': async () => {
        await span('read the book of orders', () => pause(2 + Math.random() * 6));
        return { body: { servedBy: MESH_INSTANCE, orders: orders.slice(-4) } };
      },
      'POST /orders': async ({ item = items[nextId % items.length] } = {}) => {
        const id = nextId++;
        const amount = 5 + (id % 20);
        const { receipt } = await span('have it paid', () => call(PAYMENTS_URL, '/charge', { id, amount }));
        orders.push({ id, item, status: 'paid' });
        if (orders.length > 100) orders.shift();
        return { status: 201, body: { id, receipt, servedBy: MESH_INSTANCE } };
      },
    },
    port,
  );

if (import.meta.filename === process.argv[1]) await startOrders(process.env.PORT);
