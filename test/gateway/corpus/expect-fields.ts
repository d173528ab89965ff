import { expect } from 'vitest';
import type { SeenRequest } from './case.js';
import type { Message } from './decode.js';

export function expectFields(
  { fields }: Pick<Message, 'fields'>,
  { has = [], hasAnyhow = [], lacks = [] }: Pick<SeenRequest, 'has' | 'hasAnyhow' | 'lacks'>,
): void {
  const lowered = fields.map((line) => line.toLowerCase());
  expect(fields.filter((line) => has.includes(line))).toEqual(has);
  expect(lowered.filter((line) => hasAnyhow.includes(line)).sort()).toEqual([...hasAnyhow].sort());
  expect(lowered.filter((line) => lacks.includes(line) || lacks.includes(line.split(':')[0] ?? ''))).toEqual([]);
}
