// What every candidate is asked and what the upstream answers, so that all are measured by the same bytes.

/** No service of `mesh-all` has this name: there, only the route with path, method and header leads to the upstream. */
export const host = 'shop.localhost';

/** Fields of every request. */
export const fields = { Host: host, 'x-bench': 'yes' };

/** What every path begins with. `mesh-all` takes it off; the upstream knows each path with and without. */
export const prefix = '/shop';

export const paths = { small: '/small', large: '/large', upload: '/upload', health: '/healthz', websocket: '/echo' };

/** Fifty bytes. */
export const smallBody = '{"id":4711,"name":"a teapot","price":12.5,"qty":3}';

/** Bytes of a large answer. */
export const largeSize = 1_000_000;

/** Bytes of a request body. */
export const uploadSize = 10 * 1024;
