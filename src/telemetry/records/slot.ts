import type { FaultConfig } from '../../config/shaping-configs.js';
import type { Choice } from '../../exchange/choice.js';
import type { PassedOver } from '../../exchange/circuit-met.js';
import type { Attempt, Exchange, Wait } from '../../exchange/exchange.js';
import type { FoundBy, VersionBy } from '../../exchange/found-by.js';
import type { Outcome } from '../../exchange/outcome.js';
import type { Instance } from '../../registry/instance.js';
import { isError } from '../metrics/ended.js';
import { KeptChoice } from './kept-choice.js';
import { KeptCircuit } from './kept-circuit.js';
import type { AttemptRecord, ExchangeRecord } from './record.js';
import type { Texts } from './texts.js';

/**
 * Where a record is kept until somebody asks for it. It is written over again and again: a new object for each exchange would
 * outlive two scavenges of V8, and cost 5 µs of CPU an exchange, and 30 MB.
 */
export class Slot {
  sequence = 0;
  readonly #texts: Texts;
  #id = '';
  #traceId = '';
  #parentSpanId: string | undefined;
  #at = 0;
  #duration = 0;
  #service: string | undefined;
  #version: string | undefined;
  #route: string | undefined;
  #foundBy: FoundBy | undefined;
  #versionBy: VersionBy | undefined;
  #caller: string | undefined;
  #client = '';
  #method = '';
  #authority = '';
  #target = '';
  #outcome: Outcome = none;
  #waits: readonly Wait[] = nothing;
  #faults: readonly FaultConfig[] = nothing;
  #passedOver: readonly PassedOver[] = nothing;
  /** The last choice, and of the first attempt the circuit. */
  readonly #choice = new KeptChoice();
  readonly #circuit = new KeptCircuit();
  #received = 0;
  #sent = 0;
  #isTunnel = false;
  /** The first attempt: most exchanges have one, and it is an answer. */
  #instance: Instance | undefined;
  #spanId: string | undefined;
  #begun = 0;
  #took = -1;
  #status = 0;
  /** All of them, where there is more to be told than that. */
  #attempts: readonly AttemptRecord[] = nothing;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** Milliseconds: of the monotonic clock, and since 1970. */
  write(exchange: Exchange, outcome: Outcome, sequence: number, monotonic: number, wall: number): void {
    const { request, startedAt, attempts } = exchange;
    this.sequence = sequence;
    this.#id = exchange.id;
    this.#traceId = exchange.trace?.traceId ?? '';
    this.#parentSpanId = exchange.trace?.parentSpanId;
    this.#duration = monotonic - startedAt;
    this.#at = wall - this.#duration;
    this.#service = exchange.service;
    this.#version = exchange.instance?.version;
    this.#route = exchange.route;
    this.#foundBy = exchange.foundBy;
    this.#versionBy = exchange.versionBy;
    this.#passedOver = exchange.passedOver ?? nothing;
    this.#caller = exchange.caller;
    this.#client = exchange.client.host;
    this.#method = this.#texts.one(request.method);
    this.#authority = this.#texts.one(request.authority);
    this.#target = this.#texts.one(request.target);
    this.#outcome = outcome;
    this.#waits = exchange.waits ?? nothing;
    this.#faults = exchange.faults ?? nothing;
    this.#received = request.body.received;
    this.#sent = exchange.response?.body.taken ?? 0;
    this.#isTunnel = exchange.isTunnel;
    const [only] = attempts;
    this.#circuit.write(only?.circuit); // and not that of a retry which found nobody
    // One that was answered, and was the last that anybody thought of.
    const isPlain = attempts.length === 1 && only?.result.kind === 'answered' && only.choice === exchange.choice;
    if (isPlain) this.#choice.copy(exchange.choice);
    else this.#choice.refer(exchange.choice);
    this.#attempts = isPlain ? nothing : attempts.map((attempt) => attemptRecord(attempt, startedAt));
    this.#instance = isPlain ? only?.instance : undefined;
    this.#spanId = only?.spanId;
    if (only?.result.kind !== 'answered') return;
    this.#begun = only.startedAt - startedAt;
    this.#took = only.endedAt === undefined ? -1 : only.endedAt - only.startedAt;
    this.#status = only.result.status;
  }

  read(): ExchangeRecord {
    const choice = this.#choice.read();
    return {
      sequence: this.sequence,
      id: this.#id,
      traceId: this.#traceId,
      parentSpanId: this.#parentSpanId,
      at: this.#at,
      duration: this.#duration,
      service: this.#service,
      version: this.#version,
      route: this.#route,
      foundBy: this.#foundBy,
      versionBy: this.#versionBy,
      caller: this.#caller,
      client: this.#client,
      method: this.#method,
      authority: this.#authority,
      target: this.#target,
      outcome: this.#outcome,
      waits: this.#waits,
      attempts: this.#instance === undefined ? this.#attempts : [this.#plainAttempt(this.#instance, choice)],
      choice,
      passedOver: this.#passedOver,
      faults: this.#faults,
      bytes: { received: this.#received, sent: this.#sent },
      isTunnel: this.#isTunnel,
    };
  }

  #plainAttempt({ id, version }: Instance, choice: Choice | undefined): AttemptRecord {
    return {
      instance: id,
      spanId: this.#spanId,
      version,
      choice,
      circuit: this.#circuit.read(),
      begun: this.#begun,
      duration: this.#took < 0 ? undefined : this.#took,
      result: { kind: 'answered', status: this.#status },
    };
  }

  /** Something of it failed, be it only an attempt, or it took its time. @param slow milliseconds */
  isTrouble(slow: number): boolean {
    if (isError(this.#outcome) || (this.#duration >= slow && !this.#isTunnel)) return true;
    return this.#attempts.some(({ result }) => result.kind === 'failed');
  }

  /** Is it known by that name? */
  isNamed(id: string): boolean {
    return this.#id === id || this.#traceId === id;
  }
}

const none: Outcome = { kind: 'abandoned' };
const nothing: readonly never[] = [];

function attemptRecord(attempt: Attempt, begin: number): AttemptRecord {
  const { instance, spanId, choice, circuit, startedAt, endedAt, result } = attempt;
  return {
    instance: instance.id,
    spanId,
    version: instance.version,
    choice,
    circuit,
    begun: startedAt - begin,
    duration: endedAt === undefined ? undefined : endedAt - startedAt,
    result:
      result.kind === 'failed' ? { kind: 'failed', code: result.error.code, message: result.error.message } : result,
  };
}
