import type { CircuitMet } from '../../exchange/circuit-met.js';

/** A circuit breaker as a request met it, as a slot keeps it: the numbers of a closed one are others with each request. */
export class KeptCircuit {
  #isClosed = false;
  #failures = 0;
  #requests = 0;
  #other: CircuitMet | undefined;

  write(met: CircuitMet | undefined): void {
    this.#isClosed = met?.kind === 'closed';
    this.#other = met?.kind === 'closed' ? undefined : met;
    if (met?.kind !== 'closed') return;
    this.#failures = met.failures;
    this.#requests = met.requests;
  }

  read(): CircuitMet | undefined {
    return this.#isClosed ? { kind: 'closed', failures: this.#failures, requests: this.#requests } : this.#other;
  }
}
