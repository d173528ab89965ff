import type { Layer } from '../exchange/layer.js';
import { cookieOf } from '../http1/cookies.js';

/**
 * Keeps a client at its instance by a cookie that names it. It outlives reloads and restarts of the mesh, for instances keep
 * their ids; when the instance is gone, or gets no requests, the client moves on and gets a new cookie.
 */
export function stick(cookie: string): Layer {
  return async (exchange, next) => {
    const asked = cookieOf(exchange.request.fields, cookie);
    exchange.preferredInstance = asked === undefined ? undefined : decoded(asked);
    await next();
    const given = exchange.instance?.id;
    if (given === undefined || given === exchange.preferredInstance) return;
    // A session cookie: a browser that is closed begins anew. Lax keeps it from other sites, HttpOnly from scripts.
    exchange.response?.fields.append(
      'Set-Cookie',
      `${cookie}=${encodeURIComponent(given)}; Path=/; HttpOnly; SameSite=Lax`,
    );
  };
}

/** What the client sends may be anything. */
function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
