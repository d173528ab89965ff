import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { IncomingMessage as Message } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'http-proxy';
import type { UpgradeRequest } from '../exchange/exchange.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import { Fields } from '../http1/fields.js';
import { responseFields } from './headers.js';
import type { Call } from './upstream.js';
import { failWith, inspect, responseOf } from './upstream.js';

/**
 * Carries WebSockets and other upgrades through http-proxy: it asks for the tunnel and pipes it. What comes instead of a
 * tunnel (a refusal of the service, a dead service) is taken out of its hands: it would close the client's socket, often
 * without a word (http-proxy#1468), where the rest of the gateway knows how to deliver an answer.
 */
export class Upgrades {
  readonly #proxy = createProxyServer();
  readonly #tunnels = new Set<Duplex>();
  readonly #agent: Agent;

  /** @param agent opens a connection for each */
  constructor(agent: Agent) {
    this.#agent = agent;
    // Both sockets' `close` tells all that matters; without a listener http-proxy would throw.
    this.#proxy.on('error', () => {});
  }

  /** Resolves with the status: 101 when the tunnel is open (the exchange finishes when it closes), else `exchange.response` is set. */
  carry(call: Call, fields: Fields, pseudonym: string): Promise<number> {
    const { exchange } = call;
    const { upgrade } = exchange.request;
    if (upgrade === undefined) throw new MeshError('internal', 'the exchange asks for no upgrade');
    const request = this.#ask(call, upgrade, fields);
    return new Promise((resolve, reject) => {
      const fail = failWith(request, call, reject);
      const clientGone = () => exchange.abort(new MeshError('client_gone'));
      upgrade.socket.once('end', clientGone); // until the tunnel is open; then it is only one of two directions
      request.once('close', () => upgrade.socket.off('end', clientGone));
      request.once('response', (message) => {
        const defect = inspect(message, call.instance);
        if (defect !== undefined) return fail(defect);
        exchange.response = responseOf(message, exchange.request.method, pseudonym);
        resolve(exchange.response.status);
      });
      request.prependOnceListener('upgrade', (message, upstream) => {
        forwardFields(message, pseudonym);
        exchange.isTunnel = true;
        this.#join(upgrade.socket, upstream, call.clock);
        upgrade.socket.once('close', () => exchange.finish({ kind: 'answered', status: 101 }));
        resolve(101);
      });
    });
  }

  /** Ends every open tunnel. */
  close(): void {
    for (const socket of this.#tunnels) socket.destroy();
  }

  /** The request, on its way. http-proxy gives it away synchronously, before it can have failed. */
  #ask({ exchange, instance }: Call, upgrade: UpgradeRequest, fields: Fields): ClientRequest {
    const asked: ClientRequest[] = [];
    upgrade.socket.setMaxListeners(0); // http-proxy adds some with each attempt
    this.#proxy.once('proxyReqWs', (request) => asked.push(request));
    this.#proxy.ws(
      passable(exchange.upstreamTarget),
      upgrade.socket,
      // A second attempt finds the bytes behind the head where the first one has put them back.
      exchange.attempts.length > 1 ? Buffer.alloc(0) : upgrade.head,
      {
        target: { protocol: 'http:', ...instance.address },
        agent: this.#agent,
        toProxy: true, // the path as it is
        method: exchange.request.method,
        headers: {
          ...toRecord(fields),
          connection: 'Upgrade',
          upgrade: upgrade.protocol,
        },
      },
    );
    const [request] = asked;
    if (request === undefined) throw new MeshError('internal', 'http-proxy did not take the upgrade');
    request.removeAllListeners('response');
    request.removeAllListeners('error');
    return request;
  }

  /**
   * The death of either side is the end of the other. http-proxy passes an end on; where the other side has nothing more to
   * say either and does not end, nobody would ever free its connection.
   */
  #join(client: Duplex, upstream: Duplex, clock: Clock): void {
    this.#tunnels.add(client);
    endWith(client, upstream, clock);
    endWith(upstream, client, clock);
    client.once('close', () => {
      this.#tunnels.delete(client);
      upstream.end(() => upstream.destroy());
    });
    upstream.once('close', () => client.end(() => client.destroy()));
  }
}

/** Milliseconds of silence behind the end of one side, after which the other has nothing more to say. */
const halfOpenLimit = 5_000;

function endWith(ended: Duplex, other: Duplex, clock: Clock): void {
  ended.once('end', () => {
    let cancel: Cancel = () => {};
    const wait = () => {
      cancel();
      cancel = clock.after(halfOpenLimit, () => other.destroy());
    };
    wait();
    other.on('data', wait); // it flows already: http-proxy pipes it
    other.once('close', () => cancel());
  });
}

/** http-proxy takes WebSockets alone, by GET; method, fields and protocol of the real request are given beside it. */
function passable(target: string): IncomingMessage {
  const message = new Message(new Socket());
  message.method = 'GET';
  message.url = target;
  message.headers = { upgrade: 'websocket' };
  return message;
}

/** What the client gets to see behind `101 Switching Protocols`: http-proxy writes `headers` as they are. */
function forwardFields(message: IncomingMessage, pseudonym: string): void {
  const received = new Fields(message.rawHeaders);
  const protocol = received.get('upgrade');
  const fields = responseFields(received, message.httpVersion, pseudonym);
  fields.append('Connection', 'Upgrade');
  if (protocol !== undefined) fields.append('Upgrade', protocol);
  message.headers = {};
  Object.assign(message.headers, toRecord(fields));
}

/** Name → its value or values. Without a prototype: a client may well send `__proto__`. */
function toRecord(fields: Fields): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = Object.create(null);
  const done = new Set<string>();
  for (const [name, value] of fields) {
    if (done.has(name.toLowerCase())) continue;
    done.add(name.toLowerCase());
    const values = fields.all(name);
    record[name] = values.length === 1 ? value : values;
  }
  return record;
}
