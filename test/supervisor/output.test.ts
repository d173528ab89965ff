import { expect, test } from 'vitest';
import { LineSplitter } from '../../src/supervisor/line-splitter.js';
import { OutputLogs } from '../../src/supervisor/output.js';

test.each<[string, (string | Buffer)[], string[]]>([
  ['lines in one chunk', ['one\ntwo\n'], ['one', 'two']],
  ['a line over several chunks', ['o', 'n', 'e\ntw', 'o\n'], ['one', 'two']],
  ['an unfinished last line', ['one\ntwo'], ['one', 'two']],
  ['empty lines', ['\n\none\n\n'], ['', '', 'one', '']],
  ['nothing at all', [], []],
  ['CR LF', ['one\r\ntwo\r\n'], ['one', 'two']],
  ['CR LF parted by a chunk', ['one\r', '\ntwo'], ['one', 'two']],
  ['a CR inside a line', ['10%\r20%\r30%\n'], ['10%\r20%\r30%']],
  ['a character parted by a chunk', [Buffer.from([0x67, 0xc3]), Buffer.from([0xbc, 0x6e, 0x0a])], ['gün']],
  ['four bytes, one by one', [...Buffer.from('😀\n')].map((byte) => Buffer.from([byte])), ['😀']],
  ['half a character at the end', [Buffer.from([0x61, 0xc3])], ['a\ufffd']],
  ['bytes that are no UTF-8', [Buffer.from([0xff, 0x0a])], ['\ufffd']],
  ['a line of exactly 8 KiB', [`${'x'.repeat(8_192)}\n`], ['x'.repeat(8_192)]],
  [
    'a longer line, in parts',
    [`${'x'.repeat(20_000)}\ny\n`],
    ['x'.repeat(8_192), 'x'.repeat(8_192), 'x'.repeat(3_616), 'y'],
  ],
  ['a cut that would part a character', [`${'x'.repeat(8_191)}😀z\n`], ['x'.repeat(8_191), '😀z']],
])('%s', (_, chunks, lines) => {
  const told: string[] = [];
  const splitter = new LineSplitter((line) => told.push(line));

  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.flush();
  splitter.flush();

  expect(told).toEqual(lines);
});

test('a line that never ends is told as it grows, not kept', () => {
  const told: string[] = [];
  const splitter = new LineSplitter((line) => told.push(line));

  for (let chunk = 0; chunk < 100; chunk++) splitter.push(Buffer.alloc(8_192, 'x'));

  expect(told).toHaveLength(99);
});

test('the newest 5,000 lines of a service are kept, and each replica’s can be told apart', () => {
  const logs = new OutputLogs();
  for (let count = 0; count < 6_000; count++) {
    logs.push({ service: 'web', replica: `web-${(count % 2) + 1}`, stream: 'stdout', text: String(count), at: count });
  }

  expect(logs.last(Infinity, 'web')).toHaveLength(5_000);
  expect(logs.last(2, 'web').map(({ text }) => text)).toEqual(['5998', '5999']);
  expect(logs.last(2, 'web', 'web-1').map(({ text }) => text)).toEqual(['5996', '5998']);
  expect(logs.last(0, 'web')).toEqual([]);
  expect(logs.last(1, 'nobody')).toEqual([]);
});
