import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** `localhost` is both loopback addresses, whatever this machine's resolver knows of: programs listen on one or the other, and the first that accepts is taken. */
export const lookupBoth: LookupFunction = (host, options, callback) => {
  if (host !== 'localhost' || !options.all) return lookup(host, options, callback);
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
};
