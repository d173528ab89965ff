import type { Exchange } from '../../exchange/exchange.js';
import { other } from './bounded.js';
import { classOf } from './columns.js';
import { reasons } from './reason.js';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '_OTHER', other];
const protocols = ['http/1.1', 'http/1.0', 'websocket', 'upgrade', other];
const statuses = 1_000;

/** How often what was seen. */
export interface RequestCount {
  readonly version: string;
  readonly method: string;
  /** `200`, or `2xx` where there was no more room; `0` where there was no answer. */
  readonly code: string;
  readonly protocol: string;
  readonly reason: string;
  value: number;
}

/** All but the version in one number, so that finding the count of a request costs one look into a table and no text. */
export type RequestKey = number;

export function keyOf(exchange: Exchange, status: number, reason: number): RequestKey {
  const method = methodNumbers.get(exchange.request.method) ?? methods.indexOf('_OTHER');
  return packed(status % statuses, method, protocolOf(exchange), reason);
}

/** The same with less in it: what is counted when all room is taken. */
export function coarse(status: number, reason: number): RequestKey {
  return packed(classOf(status), methods.indexOf(other), protocols.indexOf(other), reason);
}

/** The counts of one caller and route. */
export class RequestCounts implements Iterable<RequestCount> {
  /** Of one key one for each version; nearly always that is one. */
  readonly #counts = new Map<RequestKey, RequestCount[]>();

  find(key: RequestKey, version: string): RequestCount | undefined {
    const counts = this.#counts.get(key);
    if (counts === undefined) return undefined;
    for (const count of counts) if (count.version === version) return count;
    return undefined;
  }

  add(key: RequestKey, version: string): RequestCount {
    const count = { version, ...unpacked(key), value: 0 };
    const others = this.#counts.get(key);
    if (others === undefined) this.#counts.set(key, [count]);
    else others.push(count);
    return count;
  }

  *[Symbol.iterator](): Iterator<RequestCount> {
    for (const counts of this.#counts.values()) yield* counts;
  }
}

const methodNumbers = new Map(methods.slice(0, -2).map((method, at) => [method, at]));

function protocolOf({ isTunnel, request: { version, upgrade } }: Exchange): number {
  if (!isTunnel) return version === '1.1' ? 0 : 1;
  return upgrade?.protocol.toLowerCase() === 'websocket' ? 2 : 3;
}

function packed(status: number, method: number, protocol: number, reason: number): RequestKey {
  return ((reason * protocols.length + protocol) * methods.length + method) * statuses + status;
}

function unpacked(key: RequestKey): Pick<RequestCount, 'method' | 'code' | 'protocol' | 'reason'> {
  const status = key % statuses;
  const kind = Math.floor(key / statuses);
  const method = methods[kind % methods.length] ?? other;
  const rest = Math.floor(kind / methods.length);
  const code = method === other && status > 0 ? `${status}xx` : String(status);
  const protocol = protocols[rest % protocols.length] ?? other;
  return { method, code, protocol, reason: reasons[Math.floor(rest / protocols.length)] ?? other };
}
