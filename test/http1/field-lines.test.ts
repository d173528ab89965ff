import { array, assert, constantFrom, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { checkLines, parseFields, RecentFields } from '../../src/http1/field-lines.js';
import { Violation } from '../../src/http1/violation.js';

test('a text is some lines exactly when nothing between two CR LF is a control character other than a tab', () => {
  const pieces = constantFrom('\r\n', '\r', '\n', '\t', '\0', '\x1f', ' ', '~', '\x7f', '\x80', 'ÿ', 'a');
  assert(
    property(array(pieces, { maxLength: 12 }), (drawn) => {
      const text = drawn.join('');
      const isText = (line: string) => [...line].every((each) => each === '\t' || (each >= ' ' && each !== '\x7f'));
      expect(passes(text)).toBe(text.split('\r\n').every(isText));
    }),
    { numRuns: 3_000 },
  );
});

test('a name keeps the case in which it came, whatever case came before', () => {
  for (const name of ['X-Own', 'x-own', 'X-OWN', 'x-Own']) {
    const fields = parseFields(`${name}: 1\r\n`, 0, 1);
    expect([...fields]).toEqual([[name, '1']]);
    expect(fields.get('x-own')).toBe('1');
  }
});

test('of ten thousand names that are made up, none is taken for another', () => {
  for (let made = 0; made < 10_000; made++) {
    const name = `X-Made-Up-${made}${'-and-long'.repeat(made % 10)}`;
    const fields = parseFields(`${name}: ${made}\r\nvia: 1.1 a\r\n`, 0, 2);
    expect([...fields]).toEqual([
      [name, String(made)],
      ['via', '1.1 a'],
    ]);
    expect(fields.get(name.toLowerCase())).toBe(String(made));
  }
});

test('whatever heads came before, a head says what it says', () => {
  const name = constantFrom('Via', 'via', 'Vi', 'V', 'bad name', '');
  const colon = constantFrom(': ', ':', ':  ', ' : ', '');
  const value = constantFrom('a', 'a ', 'ab', '', 'a: b', 'Via: a');
  const head = array(tuple(name, colon, value), { maxLength: 4 }).map((lines) =>
    lines.map((line) => `${line.join('')}\r\n`),
  );
  assert(
    property(array(head, { maxLength: 5 }), (heads) => {
      const recent = new RecentFields();
      for (const lines of heads) expect(parsed(lines.join(''), recent)).toEqual(parsed(lines.join(''), undefined));
    }),
    { numRuns: 3_000 },
  );
});

function parsed(text: string, recent: RecentFields | undefined): unknown {
  try {
    const fields = parseFields(text, 0, 3, recent);
    return { pairs: [...fields], text: fields.toText() };
  } catch (thrown) {
    return thrown instanceof Violation ? thrown.message : thrown;
  }
}

function passes(text: string): boolean {
  try {
    checkLines(text);
    return true;
  } catch {
    return false;
  }
}
