import type { Exchange } from '../exchange/exchange.js';
import type { Layer } from '../exchange/layer.js';
import type { Outcome } from '../exchange/outcome.js';
import type { Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';
import type { Summary } from './metrics/window.js';
import { Window } from './metrics/window.js';
import { UnderWay } from './under-way.js';

export interface ServiceSummary extends Summary {
  /** Exchanges under way. */
  readonly inFlight: number;
}

/** Counts every exchange for the service it was for. Only counting happens on the way of a request; sums are made when asked. */
export class Measure {
  readonly #clock: Clock;
  readonly #underWay = new UnderWay();
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly layer: Layer = (exchange, next) => {
    const leave = this.#underWay.add(exchange);
    exchange.onFinish((outcome) => {
      leave();
      this.#record(exchange, outcome);
    });
    return next();
  };

  summary(service: string): ServiceSummary {
    let inFlight = 0;
    for (const exchange of this.#underWay) if (exchange.service === service) inFlight++;
    return { ...this.#window(service).summary(), inFlight };
  }

  /** What an instance has in hand: requests whose answer has not begun, and answers that have. */
  inHand(instance: Instance): { readonly unanswered: number; readonly answering: number } {
    const exchanges = [...this.#underWay].filter((exchange) => exchange.instance === instance);
    const answering = exchanges.filter(({ response, isTunnel }) => isTunnel || response !== undefined).length;
    return { unanswered: exchanges.length - answering, answering };
  }

  /** The service is gone, and its numbers with it. */
  forget(service: string): void {
    this.#windows.delete(service);
  }

  #record(exchange: Exchange, outcome: Outcome): void {
    if (exchange.service === undefined) return;
    // How long a client waited before it left, or talked through a tunnel, says nothing of how fast the service answers.
    const isAnswer = outcome.kind !== 'abandoned' && !exchange.isTunnel;
    const duration = isAnswer ? this.#clock.monotonic() - exchange.startedAt : undefined;
    this.#window(exchange.service).record(isError(outcome), duration);
  }

  #window(service: string): Window {
    const known = this.#windows.get(service);
    if (known !== undefined) return known;
    const opened = new Window(this.#clock);
    this.#windows.set(service, opened);
    return opened;
  }
}

/** A 4xx is the client's mistake and a client that leaves is nobody's; everything else that is no answer is an error. */
function isError(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'answered':
    case 'refused':
      return outcome.status >= 500;
    case 'cut':
      return true;
    case 'abandoned':
      return false;
  }
}
