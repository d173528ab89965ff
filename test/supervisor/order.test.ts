import { expect, test } from 'vitest';
import { stopOrder } from '../../src/supervisor/order.js';

test.each<[string, Record<string, string[]>, string[][]]>([
  ['nobody', {}, []],
  ['strangers end together', { a: [], b: [] }, [['a', 'b']]],
  ['a chain ends from its end', { db: [], api: ['db'], web: ['api'] }, [['web'], ['api'], ['db']]],
  ['a diamond', { db: [], a: ['db'], b: ['db'], web: ['a', 'b'] }, [['web'], ['a', 'b'], ['db']]],
  ['what is not to be ended is not waited for', { web: ['db'] }, [['web']]],
  ['a circle ends together, after who depends on it', { a: ['b'], b: ['a'], web: ['a'] }, [['web'], ['a', 'b']]],
  ['who depends on itself', { a: ['a'] }, [['a']]],
])('%s', (_, dependencies, order) => {
  expect(stopOrder(new Map(Object.entries(dependencies)))).toEqual(order);
});
