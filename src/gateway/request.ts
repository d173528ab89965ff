import type { Body } from '../exchange/body.js';
import type { ExchangeRequest, UpgradeRequest } from '../exchange/exchange.js';
import type { ErrorCode } from '../foundation/errors.js';
import { MeshError, toMeshError } from '../foundation/errors.js';
import type { Framing } from '../http1/framing.js';
import { requestFraming } from '../http1/framing.js';
import { connectionOptions } from '../http1/persistence.js';
import type { RequestHead } from '../http1/request-head.js';
import { checkHost } from '../http1/request-head.js';
import { parseTarget } from '../http1/target.js';
import type { ViolationKind } from '../http1/violation.js';
import { Violation } from '../http1/violation.js';

/** What a head means for the gateway. */
export interface Meaning {
  readonly request: ExchangeRequest;
  readonly framing: Framing;
  /** What makes it unfit to be carried. */
  readonly defect: MeshError | undefined;
}

/**
 * A head whose grammar is right → the request of an exchange. What else may be wrong with it is told beside it, so that the
 * exchange is on record and its refusal can be in the form that the client asked for.
 *
 * @param upgradeTo makes the way out of HTTP to one of these protocols
 */
export function requestOf(head: RequestHead, body: Body, upgradeTo: (protocol: string) => UpgradeRequest): Meaning {
  const { method, version, fields } = head;
  let { target } = head;
  let framing: Framing = { kind: 'none' };
  let defect: MeshError | undefined;
  const protocol = protocolAsked(head);
  try {
    checkHost(head);
    framing = requestFraming(head);
    if (method === 'CONNECT') throw new MeshError('method_not_allowed');
    const parsed = parseTarget(method, target);
    if (parsed.authority !== undefined) fields.set('Host', parsed.authority);
    target = parsed.target;
    // What follows such a head is the new protocol; a body in between is read by one side only (CVE-2026-58055).
    if (protocol !== undefined && framing.kind !== 'none') throw new Violation('a body, though it asks for an upgrade');
  } catch (thrown) {
    defect = refusalOf(thrown);
  }
  const authority = (fields.get('host') ?? '').toLowerCase();
  const upgrade = protocol === undefined || defect !== undefined ? undefined : upgradeTo(protocol);
  return { request: { method, target, authority, version, fields, body, upgrade }, framing, defect };
}

/** What a client has broken → the answer it gets. */
export function refusalOf(thrown: unknown): MeshError {
  if (!(thrown instanceof Violation)) return toMeshError(thrown);
  return new MeshError(codes[thrown.kind], `The request has ${thrown.message}`);
}

const codes: Readonly<Record<ViolationKind, ErrorCode>> = {
  malformed: 'bad_request',
  version: 'version_not_supported',
  coding: 'coding_not_supported',
  'head-too-large': 'head_too_large',
  'target-too-long': 'target_too_long',
};

/**
 * The protocols that a request asks to change to. Not h2c: a service that took it would speak past all that is decided here.
 * A request that asks for h2c alone is an ordinary one (RFC 9110 §7.8 lets a server ignore it): Java's client asks so by
 * default, with a body too.
 */
function protocolAsked({ version, fields }: RequestHead): string | undefined {
  if (version === '1.0' || !fields.has('upgrade') || !connectionOptions(fields).has('upgrade')) return undefined;
  const protocols = fields.list('upgrade').filter((protocol) => !/^h2c(?:\/|$)/i.test(protocol));
  return protocols.length === 0 ? undefined : protocols.join(', ');
}
