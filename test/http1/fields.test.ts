import { expect, test } from 'vitest';
import { Fields } from '../../src/http1/fields.js';

const example = () =>
  new Fields(['Host', 'a', 'Set-Cookie', 'x=1', 'VIA', '1.1 one, 1.1 two', 'set-cookie', 'y=2', 'Via', '1.0 three,,']);

test('order, case and duplicates stay as they came', () => {
  const flat = ['b', '1', 'A', '2', 'a', '', 'B', '3'];
  expect([...new Fields(flat)].flat()).toEqual(flat);
  expect([...new Fields(flat)]).toEqual([
    ['b', '1'],
    ['A', '2'],
    ['a', ''],
    ['B', '3'],
  ]);
});

test('a name is found by its lower case, however it is written', () => {
  expect(example().get('set-cookie')).toBe('x=1');
  expect(example().all('set-cookie')).toEqual(['x=1', 'y=2']);
  expect(example().has('host')).toBe(true);
  expect(example().has('hos')).toBe(false);
  expect(example().get('nothing')).toBeUndefined();
});

test('an empty value is a value', () => {
  expect(new Fields(['X-Empty', '']).get('x-empty')).toBe('');
  expect(new Fields(['X-Empty', '']).has('x-empty')).toBe(true);
});

test('a list is read over all its lines, without its empty members', () => {
  expect(example().list('via')).toEqual(['1.1 one', '1.1 two', '1.0 three']);
});

test('set leaves one line, in the place of the first', () => {
  const fields = example();
  fields.set('set-cookie', 'z=3');
  expect([...fields].flat().slice(0, 6)).toEqual(['Host', 'a', 'Set-Cookie', 'z=3', 'VIA', '1.1 one, 1.1 two']);
  expect(fields.all('set-cookie')).toEqual(['z=3']);
  fields.set('New', 'n');
  expect([...fields].flat().slice(-2)).toEqual(['New', 'n']);
});

test('delete takes every line of that name and no other', () => {
  const fields = example();
  fields.delete('set-cookie');
  expect([...fields].map(([name]) => name)).toEqual(['Host', 'VIA', 'Via']);
});

test('retain asks with lower-case names', () => {
  const fields = example();
  fields.retain(({ key }) => key === 'via');
  expect([...fields].map(([name]) => name)).toEqual(['VIA', 'Via']);
});

test('a copy does not change with its source', () => {
  const fields = new Fields(['a', '1']);
  const copy = fields.copy();
  fields.set('a', '2');
  fields.append('b', '3');
  expect(copy.toText()).toBe('a: 1\r\n');
});

test('`__proto__` and its kin are names like any other', () => {
  const fields = new Fields(['__proto__', 'x', 'constructor', 'y']);
  expect(fields.get('__proto__')).toBe('x');
  expect(fields.get('constructor')).toBe('y');
  expect(fields.get('toString')).toBeUndefined();
});
