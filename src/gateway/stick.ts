import { begun } from '../exchange/begun.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Layer } from '../exchange/layer.js';
import { cookieOf } from '../http1/cookies.js';

/**
 * Keeps a client at its instance by a cookie that names it. It outlives reloads and restarts of the mesh, for instances keep
 * their ids; when the instance is gone, or gets no requests, the client moves on and gets a new cookie.
 */
export function stick(cookie: string): Layer {
  return (exchange, next) => {
    const asked = cookieOf(exchange.request.fields, cookie);
    exchange.preferredInstance = asked === undefined ? undefined : decoded(asked);
    return begun(next, exchange).then(() => giveCookie(cookie, exchange));
  };
}

/** A session cookie: a browser that is closed begins anew. Lax keeps it from other sites, HttpOnly from scripts. */
function giveCookie(cookie: string, { instance, preferredInstance, response }: Exchange): void {
  if (instance === undefined || instance.id === preferredInstance) return;
  const value = encodeURIComponent(instance.id);
  response?.fields.append('Set-Cookie', `${cookie}=${value}; Path=/; HttpOnly; SameSite=Lax`);
}

/** What the client sends may be anything. */
function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
