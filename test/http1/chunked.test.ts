import { expect, test } from 'vitest';
import { ChunkedDecoder } from '../../src/http1/chunked.js';
import { Violation } from '../../src/http1/violation.js';

const chunk = (data: string, extension = '') => `${data.length.toString(16)}${extension}\r\n${data}\r\n`;

/** The pieces of data that one read comes to. */
function decoded(text: string): Buffer[] {
  const pieces: Buffer[] = [];
  new ChunkedDecoder().decode(Buffer.from(text, 'latin1'), (data) => pieces.push(data));
  return pieces;
}

test('ten thousand chunks of a byte go on as one piece', () => {
  expect(decoded(chunk('x').repeat(10_000)).map(String)).toEqual(['x'.repeat(10_000)]);
});

test('large chunks go on as they lie in what was read, and so does the only one', () => {
  const sizes = [5_000, 4_096, 60_000];
  const several = decoded(sizes.map((size) => chunk('x'.repeat(size))).join(''));
  expect(several.map(({ length }) => length)).toEqual(sizes);
  expect(new Set(several.map(({ buffer }) => buffer)).size).toBe(1);
  expect(decoded(chunk('an event of some words')).map(String)).toEqual(['an event of some words']);
});

test('whoever keeps a byte does not keep a thousand of extensions with it', () => {
  const [piece] = decoded(chunk('x', `;${'a'.repeat(1_000)}`).repeat(60));
  expect(String(piece)).toBe('x'.repeat(60));
  expect(piece?.buffer.byteLength).toBeLessThanOrEqual(Buffer.poolSize);
});

test('what comes before a violation is handed on, and then it is told', () => {
  const pieces: string[] = [];
  const bytes = Buffer.from(`${chunk('good')}evil\r\n`);
  expect(() => new ChunkedDecoder().decode(bytes, (data) => pieces.push(String(data)))).toThrow(Violation);
  expect(pieces).toEqual(['good']);
});
