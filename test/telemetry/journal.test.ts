import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Journal } from '../../src/telemetry/metrics/journal.js';

const mostNumbers = 40;

const rows = fc.array(
  fc.record({
    gap: fc.nat({ max: 50 }),
    subject: fc.nat({ max: 200 }),
    numbers: fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })), {
      minLength: mostNumbers,
      maxLength: mostNumbers,
    }),
  }),
  { maxLength: 60 },
);

/** All that is written of a subject, as `row column number`. */
function read(journal: Journal, from: number, subject: number): string[] {
  const seen: string[] = [];
  journal.read(from, subject, (row, column, number) => seen.push(`${row} ${column} ${number}`));
  return seen;
}

test('what was written of a subject is read again, number by number, in order, and nothing of the others', () => {
  fc.assert(
    fc.property(rows, fc.nat({ max: 1_000 }), (written, from) => {
      const journal = new Journal({ depth: 1e6, mostBytes: 1e6, mostNumbers });
      const expected = new Map<number, string[]>();
      let row = 0;
      for (const { gap, subject, numbers } of written) {
        row += gap;
        journal.write(row, subject, Uint32Array.from(numbers));
        const lines = numbers.flatMap((number, at) => (number === 0 || row < from ? [] : [`${row} ${at} ${number}`]));
        expected.set(subject, [...(expected.get(subject) ?? []), ...lines]);
      }
      for (const [subject, lines] of expected) expect(read(journal, from, subject)).toEqual(lines);
    }),
  );
});

test('the oldest rows give way when the room is full, and the newest are whole', () => {
  const journal = new Journal({ depth: 1e6, mostBytes: 64 * 1_024, mostNumbers });
  const numbers = new Uint32Array(mostNumbers).fill(2 ** 32 - 1); // 200 bytes
  for (let row = 0; row < 10_000; row++) journal.write(row, 0, numbers);

  const seen = read(journal, 0, 0);

  expect(seen.at(-1)).toBe(`9999 ${mostNumbers - 1} ${2 ** 32 - 1}`);
  expect(seen.length % mostNumbers).toBe(0);
  expect(seen.length / mostNumbers).toBeGreaterThan(200); // three pages of four hold as many
  expect(seen.length / mostNumbers).toBeLessThan(330);
});
