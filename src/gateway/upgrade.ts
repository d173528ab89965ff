import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, IncomingMessage as Message } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ProxyServer } from 'http-proxy';
import type { UpgradeRequest } from '../exchange/exchange.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import { MeshError, toMeshError } from '../foundation/errors.js';
import { lookupBoth } from '../foundation/localhost.js';
import { Fields } from '../http1/fields.js';
import type { Call } from './connect.js';
import type { Pseudonym } from './headers.js';
import { passResponseFields } from './headers.js';
import { SteppedTunnel } from './stepped-tunnel.js';
import { failWith, invalid, refusedUpgrade, versionOf } from './upgrade-request.js';

/**
 * Carries WebSockets and other upgrades through http-proxy: it asks for the tunnel and pipes it. What comes instead of a
 * tunnel (a refusal of the service, a dead service) is taken out of its hands: it would close the client's socket, often
 * without a word (http-proxy#1468), where the rest of the gateway knows how to deliver an answer.
 */
export class Upgrades {
  /** Loaded with the first upgrade: it takes 6 MB and 17 ms, and many a mesh never has one. */
  #loading: Promise<ProxyServer> | undefined;
  readonly #tunnels = new Set<Duplex>();
  /** Opens a connection for each. */
  readonly #agent = new Agent({ lookup: lookupBoth, ...halfOpen });

  /** Resolves with the status: 101 when the tunnel is open (the exchange finishes when it closes), else `exchange.response` is set. */
  async carry(call: Call, fields: Fields, pseudonym: Pseudonym): Promise<number> {
    const { exchange, instance } = call;
    const { upgrade } = exchange.request;
    if (upgrade === undefined) throw new MeshError('internal', 'the exchange asks for no upgrade');
    this.#loading ??= load();
    const proxy = await this.#loading;
    if (exchange.abortedBy !== undefined) throw exchange.abortedBy;
    return new Promise((resolve, reject) => {
      const { request, join } = this.#ask(proxy, call, upgrade, fields);
      const fail = failWith(request, call, reject);
      request.once('response', (message) => {
        try {
          exchange.response = refusedUpgrade(message, call, pseudonym);
          resolve(exchange.response.status);
        } catch (thrown) {
          fail(toMeshError(thrown));
        }
      });
      request.once('upgrade', (message, upstream, early) => {
        const protocol = message.headers.upgrade ?? '';
        if (!isAsked(protocol, upgrade)) {
          upstream.destroy();
          return fail(invalid(instance, `a change to \`${protocol}\`, which nobody has asked for`));
        }
        exchange.isTunnel = true;
        forwardFields(message, pseudonym);
        upgrade.handOver();
        upgrade.socket.setDefaultEncoding('latin1'); // http-proxy writes the head as text
        const tunnel = isStepped(upgrade) ? new SteppedTunnel(upstream, upgrade.steps, early) : upstream;
        join(message, tunnel, tunnel === upstream ? early : nothing);
        this.#watch(upgrade.socket, tunnel, call.clock);
        upgrade.socket.once('close', () => exchange.finish({ kind: 'answered', status: 101 }));
        resolve(101);
      });
    });
  }

  /** Ends every open tunnel. */
  close(): void {
    for (const socket of this.#tunnels) socket.destroy();
  }

  /** The request, on its way, and what joins both sides once it is granted. http-proxy gives the request away synchronously, before it can have failed. */
  #ask(proxy: ProxyServer, { exchange, instance }: Call, upgrade: UpgradeRequest, fields: Fields): Asked {
    const asked: ClientRequest[] = [];
    upgrade.socket.setMaxListeners(0); // http-proxy adds some with each attempt
    proxy.once('proxyReqWs', (request) => asked.push(request));
    proxy.ws(passable(exchange.upstreamTarget), upgrade.socket, nothing, {
      target: { protocol: 'http:', ...instance.address },
      agent: this.#agent,
      toProxy: true, // the path as it is
      method: exchange.request.method,
      headers: { ...toRecord(fields), connection: 'Upgrade', upgrade: upgrade.protocol },
    });
    const [request] = asked;
    if (request === undefined) throw new MeshError('internal', 'http-proxy did not take the upgrade');
    const joiners = request.listeners('upgrade');
    for (const event of ['response', 'error', 'upgrade']) request.removeAllListeners(event);
    const join: Join = (...tunnel) => {
      for (const joiner of joiners) joiner.apply(request, tunnel);
    };
    return { request, join };
  }

  /**
   * The death of either side is the end of the other. http-proxy passes an end on; where the other side has nothing more to
   * say either and does not end, nobody would ever free its connection.
   */
  #watch(client: Duplex, upstream: Duplex, clock: Clock): void {
    for (const side of [client, upstream]) {
      this.#tunnels.add(side);
      side.once('close', () => this.#tunnels.delete(side));
    }
    endWith(client, upstream, clock);
    endWith(upstream, client, clock);
    client.once('close', () => {
      // What it has sent before it ended is still wanted, and may be on its way.
      if (client.readableEnded) upstream.end(() => upstream.destroy());
      else upstream.destroy();
    });
    upstream.once('close', () => client.end(() => client.destroy()));
  }
}

const nothing = Buffer.alloc(0);

function isStepped({ steps }: UpgradeRequest): boolean {
  return steps.up.length + steps.down.length > 0;
}

/** A side that has said all it has to say still hears the other. An option of the socket, that the agent passes on. */
const halfOpen = { allowHalfOpen: true };

/** Milliseconds of silence behind the end of one side, after which the other has nothing more to say. */
const halfOpenLimit = 5_000;

function endWith(ended: Duplex, other: Duplex, clock: Clock): void {
  // Not at its end: a step may hold back what it has said before.
  other.once('finish', () => {
    if (!ended.readableEnded) return;
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

async function load(): Promise<ProxyServer> {
  const { createProxyServer } = await import('http-proxy');
  // Both sockets' `close` tells all that matters; without a listener http-proxy would throw.
  return createProxyServer().on('error', () => {});
}

/** A request for an upgrade on its way. */
interface Asked {
  readonly request: ClientRequest;
  readonly join: Join;
}

type Join = (message: IncomingMessage, upstream: Duplex, early: Buffer) => void;

/** A service that answers with a protocol of its own choice would talk to a client that does not speak it. */
function isAsked(protocol: string, { protocol: asked }: UpgradeRequest): boolean {
  const names = (list: string) => list.split(',').map((each) => each.trim().toLowerCase());
  return names(protocol).every((name) => names(asked).includes(name));
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
function forwardFields(message: IncomingMessage, pseudonym: Pseudonym): void {
  const fields = new Fields(message.rawHeaders);
  const protocol = fields.get('upgrade');
  passResponseFields(fields, versionOf(message), pseudonym);
  fields.append('Connection', 'Upgrade');
  if (protocol !== undefined) fields.append('Upgrade', protocol);
  message.headers = {};
  Object.assign(message.headers, toRecord(fields));
}

/** Name → its value or values. Without a prototype: a client may well send `__proto__`. */
function toRecord(fields: Fields): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = Object.create(null);
  const done = new Set<string>();
  for (const [name] of fields) {
    const key = name.toLowerCase();
    if (done.has(key)) continue;
    done.add(key);
    const values = fields.all(key);
    record[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return record;
}
