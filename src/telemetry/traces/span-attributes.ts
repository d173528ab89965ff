import type { Attributes, SpanStatus } from '@opentelemetry/api';
import type { Attempt, Exchange } from '../../exchange/exchange.js';
import type { Outcome } from '../../exchange/outcome.js';
import { formatAddress } from '../../foundation/address.js';
import { pathOf } from '../../http1/target.js';
import { errorTypeOf } from '../access-log/entry.js';
import { knownMethods, serverOf } from '../access-log/json-line.js';

/** What spans say: OpenTelemetry's semantic conventions for HTTP (stable since 1.23), and under `mesh.` what only the mesh knows. */

/** Of the API's `SpanStatusCode`. */
const unset: SpanStatus = { code: 0 };
const failed: SpanStatus = { code: 2 };

/** `GET shop.localhost/api`, by what does not grow with the traffic: never the path. */
export function spanName({ request, route, service }: Exchange): string {
  const method = knownMethods.has(request.method) ? request.method : 'HTTP';
  const target = route ?? service;
  return target === undefined ? method : `${method} ${target}`;
}

export function serverAttributes(exchange: Exchange, outcome: Outcome): Attributes {
  const { request, client, service, caller, route, instance, id } = exchange;
  const { fields, target, authority } = request;
  const path = pathOf(target);
  const attributes: Attributes = {
    'url.path': path,
    'url.scheme': schemeOf(fields.get('x-forwarded-proto')),
    'client.address': client.host,
    'network.protocol.version': request.version,
    'mesh.id': id,
    'mesh.outcome': outcome.kind,
  };
  setMethod(attributes, request.method);
  if (path.length < target.length) attributes['url.query'] = withoutCredentials(target.slice(path.length + 1));
  if (authority !== '') setServer(attributes, authority);
  const agent = fields.get('user-agent');
  if (agent !== undefined) attributes['user_agent.original'] = agent;
  if (route !== undefined) attributes['http.route'] = route;
  if (service !== undefined) attributes['mesh.service'] = service;
  if (caller !== undefined) attributes['mesh.caller'] = caller;
  if (instance?.version !== undefined) attributes['mesh.version'] = instance.version;
  const status = statusOf(exchange, outcome);
  if (status > 0) attributes['http.response.status_code'] = status;
  const errorType = errorTypeOf(exchange, outcome);
  if (errorType !== undefined) attributes['error.type'] = errorType;
  return attributes;
}

/** That a client goes away, or asks for what is not there, is no error of whoever serves it. */
export function serverStatus(outcome: Outcome): SpanStatus {
  switch (outcome.kind) {
    case 'answered':
    case 'refused':
      return outcome.status >= 500 ? failed : unset;
    case 'cut':
      return failed;
    case 'abandoned':
      return unset;
  }
}

/** @param resends how many attempts there were before it */
export function clientAttributes(exchange: Exchange, { instance, result }: Attempt, resends: number): Attributes {
  const { request, service, upstreamTarget } = exchange;
  const { address } = instance;
  const attributes: Attributes = {
    'url.full': `http://${formatAddress(address)}${withoutCredentials(upstreamTarget)}`,
    'server.address': address.host,
    'server.port': address.port,
    'network.protocol.version': '1.1',
    'mesh.instance': instance.id,
  };
  setMethod(attributes, request.method);
  if (service !== undefined) {
    attributes['mesh.service'] = service;
    attributes['peer.service'] = service; // by which a graph of services knows one that sends no spans itself
  }
  if (instance.version !== undefined) attributes['mesh.version'] = instance.version;
  if (resends > 0) attributes['http.request.resend_count'] = resends;
  if (result.kind === 'answered') {
    attributes['http.response.status_code'] = result.status;
    if (result.status >= 400) attributes['error.type'] = String(result.status);
  } else if (result.kind === 'failed') attributes['error.type'] = result.error.code;
  return attributes;
}

export function clientStatus({ result }: Attempt): SpanStatus {
  switch (result.kind) {
    case 'answered':
      return result.status >= 400 ? failed : unset;
    case 'failed':
      return result.error.code === 'client_gone' ? unset : { ...failed, message: result.error.message };
    case 'pending':
      return unset;
  }
}

/** A client could make up a new method each time. */
function setMethod(attributes: Attributes, method: string): void {
  const isKnown = knownMethods.has(method);
  attributes['http.request.method'] = isKnown ? method : '_OTHER';
  if (!isKnown) attributes['http.request.method_original'] = method;
}

function setServer(attributes: Attributes, authority: string): void {
  const { host, port } = serverOf(authority);
  attributes['server.address'] = host;
  if (port !== undefined) attributes['server.port'] = port;
}

/** What a proxy in front of the mesh says that it took off. */
function schemeOf(forwarded: string | undefined): string {
  return forwarded?.toLowerCase() === 'https' ? 'https' : 'http';
}

/** Of the answer whose head the client was sent; 0: it was sent none. */
function statusOf({ response }: Exchange, outcome: Outcome): number {
  return outcome.kind === 'abandoned' ? (response?.status ?? 0) : outcome.status;
}

/** What the conventions want hidden, for it opens doors: signatures of signed URLs. */
function withoutCredentials(query: string): string {
  return query.replace(credential, '$1REDACTED');
}

const credential = /((?:^|[?&])(?:AWSAccessKeyId|Signature|sig|X-Goog-Signature)=)[^&]*/g;
