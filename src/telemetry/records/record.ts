import type { FaultConfig } from '../../config/shaping-configs.js';
import type { Choice } from '../../exchange/choice.js';
import type { CircuitMet, PassedOver } from '../../exchange/circuit-met.js';
import type { Wait } from '../../exchange/exchange.js';
import type { FoundBy, VersionBy } from '../../exchange/found-by.js';
import type { Outcome } from '../../exchange/outcome.js';
import type { ErrorCode } from '../../foundation/errors.js';

/** All that is told of an exchange that has ended. It holds on to nothing of it: no bytes, no sockets. */
export interface ExchangeRecord {
  /** Counts up, over all services of a run: by it one asks for those that came since. */
  readonly sequence: number;
  readonly id: string;
  /** Empty where it belongs to no trace. */
  readonly traceId: string;
  /** The span of whoever called, as it has named it; undefined where the trace begins here. */
  readonly parentSpanId: string | undefined;
  /** Milliseconds since 1970, when its head was whole. */
  readonly at: number;
  /** Milliseconds, to the end. */
  readonly duration: number;
  readonly service: string | undefined;
  readonly version: string | undefined;
  readonly route: string | undefined;
  readonly foundBy: FoundBy | undefined;
  readonly versionBy: VersionBy | undefined;
  readonly caller: string | undefined;
  /** The address of the client. */
  readonly client: string;
  readonly method: string;
  readonly authority: string;
  readonly target: string;
  readonly outcome: Outcome;
  readonly waits: readonly Wait[];
  readonly attempts: readonly AttemptRecord[];
  /** The last one that was made; of an exchange without attempts, who was left out. */
  readonly choice: Choice | undefined;
  readonly passedOver: readonly PassedOver[];
  readonly faults: readonly FaultConfig[];
  /** Of the bodies. */
  readonly bytes: { readonly received: number; readonly sent: number };
  /** It asked for another protocol, and was granted it. */
  readonly isTunnel: boolean;
}

export interface AttemptRecord {
  readonly instance: string;
  /** By which the instance's own spans name it as their parent; undefined where it was told of none. */
  readonly spanId: string | undefined;
  readonly version: string | undefined;
  readonly choice: Choice | undefined;
  readonly circuit: CircuitMet | undefined;
  /** Milliseconds behind the beginning of the exchange. */
  readonly begun: number;
  /** Milliseconds to the head of its answer, or to its failure; undefined where neither came. */
  readonly duration: number | undefined;
  readonly result:
    | { readonly kind: 'answered'; readonly status: number }
    | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
    | { readonly kind: 'pending' };
}
