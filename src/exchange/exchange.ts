import type { Socket } from 'node:net';
import type { FaultConfig, Priority } from '../config/shaping-configs.js';
import type { Address } from '../foundation/address.js';
import type { MeshError } from '../foundation/errors.js';
import { empty, withOne, withoutOne } from '../foundation/small-lists.js';
import type { Fields } from '../http1/fields.js';
import type { HttpVersion } from '../http1/request-head.js';
import type { Instance } from '../registry/instance.js';
import type { Body } from './body.js';
import type { MakeStep } from './body-step.js';
import type { Choice } from './choice.js';
import type { CircuitMet, PassedOver } from './circuit-met.js';
import type { FoundBy, VersionBy } from './found-by.js';
import type { Outcome } from './outcome.js';

/** Which socket the request came in by, and so what is known before a byte is read. */
export type Arrival =
  | { readonly kind: 'front' }
  /** The service's own `listen` port. */
  | { readonly kind: 'service'; readonly service: string }
  /** A caller's door (DESIGN §6.4). */
  | {
      readonly kind: 'caller';
      readonly caller: string;
      readonly service: string;
    };

export interface ExchangeRequest {
  /** As on the wire: methods are case-sensitive. */
  readonly method: string;
  /** Path and query as the client sent them; dot segments resolved, so that what is matched is what is forwarded. */
  readonly target: string;
  /** host or host:port, lower case, of an absolute-form target, else of the Host field; empty when there is none (HTTP/1.0). */
  readonly authority: string;
  readonly version: HttpVersion;
  readonly fields: Fields;
  readonly body: Body;
  /** The client asks to leave HTTP on this connection. */
  readonly upgrade: UpgradeRequest | undefined;
}

export interface UpgradeRequest {
  /** What it wants to speak, as it may be asked of a service: `websocket`. */
  readonly protocol: string;
  readonly socket: Socket;
  /** What the bytes of both directions pass once it is granted. */
  readonly steps: { readonly up: MakeStep[]; readonly down: MakeStep[] };
  /** The other protocol is agreed on: hands the socket over, with what the client has sent behind its head. */
  handOver(): void;
}

export interface ExchangeResponse {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  readonly body: Body;
}

/** A 1xx on the way to the answer: 100 asks for the body, 103 hints at what to fetch. */
export interface InterimResponse {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
}

export interface InterimSink {
  inform(interim: InterimResponse): void;
}

/** One try at one instance. */
export interface Attempt {
  readonly instance: Instance;
  /** By which the instance's own spans name it as their parent. */
  readonly spanId: string | undefined;
  /** How it was found; undefined where nobody chose. */
  readonly choice: Choice | undefined;
  /** The circuit breaker that let it through; undefined: there is none. */
  readonly circuit: CircuitMet | undefined;
  /** Milliseconds on the monotonic clock. */
  readonly startedAt: number;
  /** The same, when the head of its answer was here, or it had failed; undefined before. */
  endedAt: number | undefined;
  result: { kind: 'answered'; status: number } | { kind: 'failed'; error: MeshError } | { kind: 'pending' };
}

/** Where an exchange stands in a trace (W3C Trace Context). Ids are lower-case hexadecimal. */
export interface TraceOfExchange {
  readonly traceId: string;
  /** The client's span; undefined where the trace begins here. */
  readonly parentSpanId: string | undefined;
  readonly spanId: string;
  readonly flags: number;
  /** For each attempt. */
  nextSpanId(): string;
}

/** What an exchange has waited for. */
export type WaitKind =
  /** Connections that came in meanwhile, hundreds of them. */
  | 'arrivals'
  /** Its turn: under a rate limit, under a concurrency limit, for a connection. */
  | 'rate-limit'
  | 'concurrency'
  | 'connection-pool'
  /** The service's program to start. */
  | 'start'
  /** The next try. */
  | 'backoff'
  /** A fault. */
  | 'fault';

export interface Wait {
  readonly kind: WaitKind;
  readonly milliseconds: number;
  /** Milliseconds on the monotonic clock. */
  readonly startedAt: number;
}

/** Is told how it went; the exchange comes with it, so that one listener can serve for all. */
export type FinishListener = (outcome: Outcome, exchange: Exchange) => void;

/** Is told why the work is to be ended. */
export type AbortListener = (reason: MeshError) => void;

/** One request and its response on their way through the gateway, and all that is known of them. */
export class Exchange {
  readonly arrival: Arrival;
  readonly client: Address;
  readonly request: ExchangeRequest;
  /** Milliseconds on the monotonic clock, when the request head was whole. */
  readonly startedAt: number;
  /** What makes its request unfit to be carried. */
  defect: MeshError | undefined;

  /** By which it is found again, and the client is told of it; empty, and undefined, where nobody gives it one. */
  id = '';
  trace: TraceOfExchange | undefined;

  /** Which service it is for, and the target that the service gets to see; set by `match`. */
  service: string | undefined;
  upstreamTarget: string;
  /** The version whose instances may be given it; set by `match` or a split. */
  version: string | undefined;
  /** The route that was taken, as the mesh file has it: `shop.localhost/api`; undefined for a service found by its name. */
  route: string | undefined;
  /** By what it came to its service, and to its version; undefined where it came to none. */
  foundBy: FoundBy | undefined;
  versionBy: VersionBy | undefined;
  /** As the route says; undefined where it says nothing. */
  priority: Priority | undefined;
  /** The id of the instance that the client was given before. */
  preferredInstance: string | undefined;
  /** Set by `choose`, for the attempt under way. */
  instance: Instance | undefined;
  /** How it was found; where there was none, who was left out. Set by `choose`. */
  choice: Choice | undefined;
  /** As the attempt under way has met it. */
  circuit: CircuitMet | undefined;
  /** In their order; undefined: nobody. */
  passedOver: PassedOver[] | undefined;
  attempts: readonly Attempt[] = empty;
  /** The span of the attempt that is about to be made; set by who writes it onto the wire, taken by its record. */
  attemptSpanId: string | undefined;
  /** In their order; undefined: it has waited for nothing. */
  waits: Wait[] | undefined;
  /** Set by `forward`. Stays undefined when the carrier itself talked to the client: it has become a tunnel. */
  response: ExchangeResponse | undefined;
  /** The upgrade was accepted: from now on both sides speak as they like, for as long as they like. */
  isTunnel = false;
  /** Those it has met, over all attempts; undefined: none. */
  faults: readonly FaultConfig[] | undefined;
  /** When it met each of them, in milliseconds on the monotonic clock. */
  faultTimes: readonly number[] | undefined;
  /** Which request of its service it is, and the attempts so far, as faults count them: by these they throw their dice. */
  numberForFaults: number | undefined;
  attemptsForFaults = 0;
  /** Set where the answer is broken off on purpose: how the client's connection ends then. */
  breaksOff: 'in-order' | 'by-reset' | undefined;
  /** Set once, at the very end. */
  outcome: Outcome | undefined;
  /** Is given each 1xx of the service, before the response is set; undefined: nobody wants to know. */
  interimSink: InterimSink | undefined;

  #abortedBy: MeshError | undefined;
  #onAbort: readonly AbortListener[] = empty;
  #onAttemptAbort: readonly AbortListener[] = empty;
  #onFinish: readonly FinishListener[] = empty;

  constructor(arrival: Arrival, client: Address, request: ExchangeRequest, startedAt: number) {
    this.arrival = arrival;
    this.client = client;
    this.request = request;
    this.startedAt = startedAt;
    this.upstreamTarget = request.target;
  }

  /** The service that calls, where the mesh knows it. */
  get caller(): string | undefined {
    return this.arrival.kind === 'caller' ? this.arrival.caller : undefined;
  }

  /** Ends the work for it: the client is gone, or a time is up. Only the first reason counts. */
  abort(reason: MeshError): void {
    if (this.#abortedBy !== undefined || this.outcome !== undefined) return;
    this.#abortedBy = reason;
    const listeners = this.#onAbort;
    this.#onAbort = empty;
    for (const listener of listeners) listener(reason);
    this.abortAttempt(reason);
  }

  /** Ends the attempt under way; another may follow. */
  abortAttempt(reason: MeshError): void {
    const listeners = this.#onAttemptAbort;
    this.#onAttemptAbort = empty;
    for (const listener of listeners) listener(reason);
  }

  /** Both in milliseconds on the monotonic clock. */
  waited(kind: WaitKind, startedAt: number, endedAt: number): void {
    this.waits ??= [];
    this.waits.push({ kind, milliseconds: endedAt - startedAt, startedAt });
  }

  /** @param at milliseconds on the monotonic clock */
  meet(faults: readonly FaultConfig[], at: number): void {
    this.faults = [...(this.faults ?? []), ...faults];
    this.faultTimes = [...(this.faultTimes ?? []), ...faults.map(() => at)];
  }

  /** It is not asked, for its circuit breaker lets nothing through. @param instance undefined: nobody of the service is */
  passOver(instance: Instance | undefined, circuit: CircuitMet): void {
    this.passedOver ??= [];
    this.passedOver.push({ instance, attempts: this.attempts.length, circuit });
  }

  get abortedBy(): MeshError | undefined {
    return this.#abortedBy;
  }

  /** Runs `listener` when the exchange is aborted, at once when it has been. */
  onAbort(listener: AbortListener): void {
    if (this.#abortedBy !== undefined) listener(this.#abortedBy);
    else this.#onAbort = withOne(this.#onAbort, listener);
  }

  offAbort(listener: AbortListener): void {
    this.#onAbort = withoutOne(this.#onAbort, listener);
  }

  /** The same, and when only the attempt is aborted: for who carries it. */
  onAttemptAbort(listener: AbortListener): void {
    if (this.#abortedBy !== undefined) listener(this.#abortedBy);
    else this.#onAttemptAbort = withOne(this.#onAttemptAbort, listener);
  }

  offAttemptAbort(listener: AbortListener): void {
    this.#onAttemptAbort = withoutOne(this.#onAttemptAbort, listener);
  }

  /** Called by `forward` for each 1xx of the service. */
  inform(interim: InterimResponse): void {
    this.interimSink?.inform(interim);
  }

  /** Puts a try on record. */
  tried(attempt: Attempt): void {
    this.attempts = withOne(this.attempts, attempt);
  }

  /** Runs `listener` once the last byte is delivered, or it is clear that it never will be. */
  onFinish(listener: FinishListener): void {
    this.#onFinish = withOne(this.#onFinish, listener);
  }

  /** Runs `listener` once the instance has no more to do with its answer: all of it is here, it has failed or was given up; or its tunnel is closed. */
  onAttemptOver(listener: () => void): void {
    if (this.response === undefined) this.onFinish(listener);
    else this.response.body.whenSettled(listener);
  }

  /** Called once, by what talks to the client. */
  finish(outcome: Outcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    for (const listener of this.#onFinish) listener(outcome, this);
  }
}
