import type { Clock } from '../foundation/clock.js';
import { MeshError, toMeshError } from '../foundation/errors.js';
import type { Attempt, Exchange } from './exchange.js';

/**
 * Leaves a record of a try at the instance that was chosen, however it ends.
 *
 * @param status resolves with that of the answer
 * @param recover makes up for its failure, or throws it
 */
export function attempt(
  exchange: Exchange,
  clock: Clock,
  status: Promise<number>,
  recover: (error: MeshError) => Promise<void> | void = fail,
): Promise<void> {
  const { instance } = exchange;
  if (instance === undefined) throw new MeshError('internal', 'an instance is tried before one is chosen');
  const record: Attempt = {
    instance,
    spanId: exchange.attemptSpanId,
    choice: exchange.choice,
    circuit: exchange.circuit,
    startedAt: clock.monotonic(),
    endedAt: undefined,
    result: pending,
  };
  exchange.attemptSpanId = undefined; // another attempt may be none that goes over a wire
  exchange.tried(record);
  return status.then(
    (status) => {
      record.endedAt = clock.monotonic();
      record.result = { kind: 'answered', status };
    },
    (thrown: unknown) => {
      const error = toMeshError(thrown);
      record.endedAt = clock.monotonic();
      record.result = { kind: 'failed', error };
      return recover(error);
    },
  );
}

const pending: Attempt['result'] = { kind: 'pending' };

function fail(error: MeshError): never {
  throw error;
}
