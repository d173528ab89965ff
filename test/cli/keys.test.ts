import { expect, test } from 'vitest';
import type { Key } from '../../src/cli/keys.js';
import { KeyDecoder } from '../../src/cli/keys.js';

const esc = '\u001b';

/** What is told after each read, in words; last, what is told when nothing follows. */
function decode(...reads: ReadonlyArray<string | Uint8Array>): string[][] {
  const decoder = new KeyDecoder();
  const words = (keys: Key[]) => keys.map((key) => (key.kind === 'character' ? `'${key.character}'` : key.kind));
  const told = reads.map((read) => words(decoder.feed(typeof read === 'string' ? Buffer.from(read) : read)));
  return [...told, words(decoder.flush())];
}

test.each([
  ['q', ["'q'"]],
  ['é注🚀', ["'é'", "'注'", "'🚀'"]],
  [`${esc}[A`, ['up']],
  [`${esc}[B${esc}[B`, ['down', 'down']],
  [`${esc}OC${esc}OD`, ['right', 'left']],
  [`${esc}[1;5A`, ['up']],
  [`${esc}[H${esc}[F${esc}OH${esc}OF`, ['home', 'end', 'home', 'end']],
  [`${esc}[1~${esc}[4~${esc}[7~${esc}[8~`, ['home', 'end', 'home', 'end']],
  [`${esc}[5~${esc}[6;2~${esc}[3~`, ['page-up', 'page-down', 'delete']],
  ['\r\n', ['enter', 'enter']],
  ['\u007f\b', ['backspace', 'backspace']],
  ['\t\u0003\u000c\u0015\u001a', ['tab', 'ctrl-c', 'ctrl-l', 'ctrl-u', 'ctrl-z']],
  [`${esc}[15~${esc}[[A${esc}[?1;2cx`, ["'x'"]],
  ['\u0000\u0001x', ["'x'"]],
  [`${esc}q`, ['escape', "'q'"]],
  [`${esc}${esc}[A`, ['escape', 'up']],
])('%j is %j', (sent, keys) => {
  expect(decode(sent)).toEqual([keys, []]);
});

test('what is pasted is text and no command, in however many reads it comes; Ctrl-C is heard', () => {
  const decoder = new KeyDecoder();
  const keys = [`${esc}[200~q${esc}[A\r`, `é\u0003f4${esc}[20`, '1~q'].flatMap((read) =>
    decoder.feed(Buffer.from(read)),
  );
  expect(keys).toEqual([
    { kind: 'pasted', character: 'q' },
    { kind: 'pasted', character: 'é' },
    { kind: 'ctrl-c' },
    { kind: 'pasted', character: 'f' },
    { kind: 'pasted', character: '4' },
    { kind: 'character', character: 'q' },
  ]);
});

test('Esc alone is a key when nothing follows', () => {
  expect(decode(esc)).toEqual([[], ['escape']]);
});

test.each([
  [
    [esc, '[A'],
    [[], ['up'], []],
  ],
  [
    [`${esc}[`, 'A'],
    [[], ['up'], []],
  ],
  [
    [`${esc}[1`, ';5', 'Bq'],
    [[], [], ['down', "'q'"], []],
  ],
  [
    [`${esc}O`, 'H'],
    [[], ['home'], []],
  ],
  [
    [esc, 'q'],
    [[], ['escape', "'q'"], []],
  ],
  [[`${esc}[`], [[], []]],
] as const)('%j, read in pieces, is told as it becomes whole', (reads, told) => {
  expect(decode(...reads)).toEqual(told);
});

test('a character that is cut in two is one key', () => {
  const rocket = Buffer.from('🚀');
  expect(decode(rocket.subarray(0, 3), rocket.subarray(3))).toEqual([[], ["'🚀'"], []]);
});

test('a sequence without end is given up', () => {
  expect(decode(`${esc}[${'1'.repeat(100)}`, 'q')).toEqual([[], ["'q'"], []]);
});
