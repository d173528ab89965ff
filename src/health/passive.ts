import type { Layer } from '../exchange/layer.js';
import type { Verdict } from '../exchange/verdict.js';
import { judged } from '../exchange/verdict.js';
import type { Instance } from '../registry/instance.js';

/** Gets to know what an instance has made of an attempt. */
export type RecordVerdict = (instance: Instance, verdict: Exclude<Verdict, 'none'>) => void;

/** Passive health: what the instances answer to real requests. Runs once per attempt. */
export function passive(record: RecordVerdict): Layer {
  return (exchange, next) => {
    const { instance } = exchange;
    return judged(exchange, next, (verdict) => {
      if (instance !== undefined && verdict !== 'none') record(instance, verdict);
    });
  };
}
