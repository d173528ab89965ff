import { expect, test } from 'vitest';
import { decodeRequests, decodeResponses } from './decode.js';

/** The judge is judged: it must see a second message where there is one, and let nothing pass that is in doubt. */

const request = (lines: readonly string[], body = '') =>
  ['POST /x HTTP/1.1', 'Host: a', ...lines, '', body].join('\r\n');
const answer = (lines: readonly string[], body = '') => ['HTTP/1.1 200 OK', ...lines, '', body].join('\r\n');
const chunked = 'Transfer-Encoding: chunked';

test.each([
  ['nothing', '', []],
  ['no body', request([]), ['', true]],
  ['a body', request(['Content-Length: 2'], 'ok'), ['ok', true]],
  ['half a body', request(['Content-Length: 2'], 'o'), ['o', false]],
  ['chunks', request([chunked], '2\r\nok\r\n1\r\n!\r\n0\r\n\r\n'), ['ok!', true]],
  ['no last chunk', request([chunked], '2\r\nok\r\n'), ['ok', false]],
  ['no end of the trailers', request([chunked], '2\r\nok\r\n0\r\nX-A: 1\r\n'), ['ok', false]],
  ['half a head', 'POST /x HTTP/1.1\r\nHos', ['', false]],
  ['a second message behind none', request([]) + request([]), ['', true, '', true]],
  ['a second message behind a body', request(['Content-Length: 2'], 'ok') + request([]), ['ok', true, '', true]],
  ['a second message behind chunks', request([chunked], '0\r\n\r\n') + request([]), ['', true, '', true]],
])('requests: %s', (_name, bytes, expected) => {
  expect(decodeRequests(bytes).flatMap(({ body, isWhole }) => [body, isWhole])).toEqual(expected);
});

test.each([
  request([chunked, 'Content-Length: 5'], '0\r\n\r\n'),
  request(['Content-Length: 5', 'Content-Length: 5'], 'hello'),
  request(['Content-Length: +5'], 'hello'),
  request(['Transfer-Encoding: xchunked'], 'hello'),
  request([chunked], '5;a\r\nhello\r\n0\r\n\r\n'),
  request([chunked], '5\r\nhello!\r\n0\r\n\r\n'),
  request([chunked], '5\nhello\r\n0\r\n\r\n'),
  request(['Content-Length: 2'], 'ok and more\r\n'),
  request(['Host: b']),
  request(['X-A : 1']),
  request(['X-A: 1', ' 2']),
  request(['X-A: a\nb']),
  request(['X-A: a\rb']),
  request(['X-A: a\0b']),
  request(['X-A']),
  `\r\n${request([])}`,
  request([]).replace('HTTP/1.1', 'HTTP/1.0'),
  request([]).replace('POST ', 'POST  '),
  request([]).replace('Host: a\r\n', ''),
])('in doubt: %j', (bytes) => {
  expect(() => decodeRequests(bytes)).toThrow();
});

test.each([
  ['a length', answer(['Content-Length: 2'], 'ok'), 'open', ['ok', true]],
  ['short of its length', answer(['Content-Length: 3'], 'ok'), 'end', ['ok', false]],
  ['no last chunk', answer([chunked], '2\r\nok\r\n'), 'end', ['ok', false]],
  ['until close, open', answer([], 'ok'), 'open', ['ok', false]],
  ['until close, ended', answer([], 'ok'), 'end', ['ok', true]],
  ['until close, reset', answer([], 'ok'), 'reset', ['ok', false]],
  ['a 1xx', `HTTP/1.1 103 Early Hints\r\n\r\n${answer(['Content-Length: 0'])}`, 'open', ['', true]],
  ['two', answer(['Content-Length: 2'], 'ok').repeat(2), 'open', ['ok', true, 'ok', true]],
] as const)('answers: %s', (_name, bytes, ending, expected) => {
  expect(decodeResponses(bytes, ['GET'], ending).flatMap(({ body, isWhole }) => [body, isWhole])).toEqual(expected);
});

test('an answer to HEAD has no body', () => {
  const [first, second] = decodeResponses(
    answer(['Content-Length: 2']) + answer(['Content-Length: 2'], 'ok'),
    ['HEAD'],
    'open',
  );
  expect([first?.body, second?.body]).toEqual(['', 'ok']);
});
