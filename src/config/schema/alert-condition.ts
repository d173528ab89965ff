import { z } from 'zod';
import { conditionPattern, readCondition } from '../alert-condition.js';
import type { AlertCondition } from '../alert-configs.js';
import { expect, scalar } from './values.js';

/** `error_rate > 5%`: a mistake in it is told with the word that is wrong. */
export function condition() {
  const error = expect('a condition such as `error_rate > 5%`');
  const written = z.string({ error }).regex(conditionPattern(), { error }).transform(read);
  const schema = z.preprocess((value: z.input<typeof written>, context) => {
    const given: unknown = value;
    const reading = typeof given === 'string' ? readCondition(given) : undefined;
    if (reading?.kind !== 'mistake') return given;
    const { code, message, hint, start, end } = reading;
    const params = { code, hint, part: { text: given, start, end } };
    context.addIssue({ code: 'custom', input: value, message, params });
    return z.NEVER;
  }, written);
  return scalar(schema, (value) => value);
}

function read(text: string): AlertCondition {
  const reading = readCondition(text);
  if (reading.kind === 'mistake') throw new TypeError('a condition got past its grammar');
  return reading.condition;
}
