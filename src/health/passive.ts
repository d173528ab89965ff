import type { Layer } from '../exchange/layer.js';
import type { Verdict } from '../exchange/verdict.js';
import { verdictOf } from '../exchange/verdict.js';
import { toMeshError } from '../foundation/errors.js';
import type { Instance } from '../registry/instance.js';

/** Gets to know what an instance has made of an attempt. */
export type RecordVerdict = (instance: Instance, verdict: Exclude<Verdict, 'none'>) => void;

/** Passive health: what the instances answer to real requests. Runs once per attempt. */
export function passive(record: RecordVerdict): Layer {
  return async (exchange, next) => {
    const { instance } = exchange;
    const tell = (verdict: Verdict) => {
      if (instance !== undefined && verdict !== 'none') record(instance, verdict);
    };
    try {
      await next();
    } catch (thrown) {
      const failure = toMeshError(thrown);
      tell(verdictOf(exchange, failure));
      throw failure;
    }
    tell(verdictOf(exchange, undefined));
  };
}
