import { expect, test } from 'vitest';
import { Body, highWater } from '../../src/exchange/body.js';
import type { BodySink } from '../../src/exchange/body-sink.js';
import { Fields } from '../../src/http1/fields.js';

const none = new Fields();

/** A source and a sink that write down what they are told. */
function told(takes: () => boolean = () => true) {
  const said: string[] = [];
  const body = new Body({
    pause: () => said.push('pause'),
    resume: () => said.push('resume'),
    cancel: () => said.push('cancel'),
  });
  const sink: BodySink = {
    write(bytes) {
      said.push(`<${bytes}>`);
      return takes();
    },
    holdsNothing: true,
    end: (trailers) => void said.push(`end ${trailers.size}`),
    fail: () => void said.push('fail'),
  };
  return { said, body, sink };
}

test('what comes before there is a sink is kept, and goes first', () => {
  const { said, body, sink } = told();
  body.write(Buffer.from('a'));
  body.pipe(sink);
  body.write(Buffer.from('b'));
  body.end(new Fields(['X', '1']));
  expect(said).toEqual(['<a>', '<b>', 'end 1']);
});

test('a source is paused at 64 KiB that nobody takes, and goes on once they are taken', () => {
  const { said, body, sink } = told();
  body.write(Buffer.alloc(highWater - 1));
  expect(said).toEqual([]);
  body.write(Buffer.alloc(1));
  expect(said).toEqual(['pause']);
  body.pipe(sink);
  expect(said.at(-1)).toBe('resume');
});

test('a sink that takes no more is left alone until it says so', () => {
  let takes = false;
  const { said, body, sink } = told(() => takes);
  body.pipe(sink);
  body.write(Buffer.from('a'));
  body.write(Buffer.from('b')); // was on its way
  body.end(none);
  expect(said).toEqual(['<a>', 'pause']);
  expect([body.taken, body.isTaken, body.isHeldBack]).toEqual([1, false, true]);
  takes = true;
  body.resume();
  expect(said).toEqual(['<a>', 'pause', '<b>', 'end 0']);
});

test('a failure is told at once, and what is kept is not written any more', () => {
  const { said, body, sink } = told(() => false);
  body.pipe(sink);
  body.write(Buffer.from('a'));
  body.write(Buffer.from('b'));
  body.fail();
  body.end(none);
  expect(said).toEqual(['<a>', 'pause', 'fail']);
});

test('the whole of it can be taken at once, when it is there and small, and as often as one likes when it is empty', () => {
  const { body } = told();
  body.write(Buffer.from('a'));
  body.write(Buffer.from('b'));
  expect(body.takeWhole(10)).toBeUndefined();
  body.end(none);
  expect(body.takeWhole(1)).toBeUndefined();
  expect(String(body.takeWhole(2))).toBe('ab');
  expect(body.takeWhole(2)).toBeUndefined();
  const empty = Body.of(Buffer.alloc(0));
  expect([empty.takeWhole(0), empty.takeWhole(0)].map(String)).toEqual(['', '']);
});

test.each([
  ['with something to take', 'a', (body: Body) => body.discard()],
  ['that is empty, before there is a sink', '', () => {}],
])('whoever waits for a body %s to be taken is told once', (_name, text, act) => {
  const { body } = told();
  let times = 0;
  body.whenTaken(() => times++);
  if (text !== '') body.write(Buffer.from(text));
  body.end(none);
  act(body);
  body.discard();
  expect(times).toBe(1);
});

test('who wants no more says so to the source, and only while there may be more', () => {
  const { said, body } = told();
  body.cancel();
  body.end(none);
  body.cancel();
  expect(said).toEqual(['cancel']);
});

test('what is kept for a replay goes to the next sink from the beginning, and what comes later follows', () => {
  const { said, body, sink } = told();
  body.keepForReplay(3);
  body.pipe(sink);
  body.write(Buffer.from('ab'));
  expect(body.rewind()).toBe(true);
  body.write(Buffer.from('c'));
  expect(said.splice(0)).toEqual(['<ab>']);
  body.pipe(sink);
  body.end(none);
  expect(said.splice(0)).toEqual(['<ab>', '<c>', 'end 0']);
  expect(body.rewind()).toBe(true);
  body.pipe(sink);
  expect(said).toEqual(['<ab>', '<c>', 'end 0']);
});

test('more than is kept cannot be replayed, and then nothing changes', () => {
  const { said, body, sink } = told();
  body.keepForReplay(3);
  body.pipe(sink);
  body.write(Buffer.from('abc'));
  body.write(Buffer.from('d'));
  expect([body.replayable, body.rewind()]).toEqual([undefined, false]);
  body.end(none);
  expect(said).toEqual(['<abc>', '<d>', 'end 0']);
});

test('a body of which nothing was taken can be replayed without being kept', () => {
  const { body } = told();
  body.write(Buffer.from('ab'));
  expect(body.rewind()).toBe(true);
  expect(body.replayable?.map(String)).toEqual(['ab']);
});

test('a source whose sink was full is heard again once the next sink has taken what is kept', () => {
  const { said, body, sink } = told(() => false);
  body.keepForReplay(10);
  body.pipe(sink);
  body.write(Buffer.from('a'));
  expect(body.rewind()).toBe(true);
  expect(said.splice(0)).toEqual(['<a>', 'pause']);
  body.pipe({ ...sink, write: () => true });
  expect(said).toEqual(['resume']);
});

test('who looks on sees all that comes, and what was there already; who waits for the end is told of it once', () => {
  const { body, sink } = told();
  const seen: string[] = [];
  let settled = 0;
  body.write(Buffer.from('a'));
  body.tap((bytes) => seen.push(String(bytes)));
  body.whenSettled(() => settled++);
  body.pipe(sink);
  body.write(Buffer.from('b'));
  expect([seen, settled]).toEqual([['a', 'b'], 0]);
  body.end(none);
  body.fail();
  body.whenSettled(() => settled++);
  expect(settled).toBe(2);
});
