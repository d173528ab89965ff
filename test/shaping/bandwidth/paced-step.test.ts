import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Body } from '../../../src/exchange/body.js';
import { Fields } from '../../../src/http1/fields.js';
import { pacedBy } from '../../../src/shaping/bandwidth/bandwidth.js';
import { Pacer } from '../../../src/shaping/bandwidth/pacer.js';
import { ManualClock } from '../../support/manual-clock.js';

const source = { pause() {}, resume() {}, cancel() {} };

/** A clock that goes on by itself with each look at it, as the real one does. */
class RestlessClock extends ManualClock {
  override monotonic(): number {
    this.advanceQuietly(0.001);
    return super.monotonic();
  }

  #extra = 0;

  advanceQuietly(ms: number): void {
    this.#extra += ms;
  }
}

test('a body that passes steps is ended once, and behind its last byte', () => {
  const clock = new ManualClock();
  let isPaused = false;
  const rest = [Buffer.alloc(30_000, 'b'), Buffer.alloc(10, 'c')];
  const body = new Body({
    ...source,
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
      for (let next = rest.shift(); next !== undefined; next = isPaused ? undefined : rest.shift()) body.write(next);
      if (rest.length === 0) body.end(new Fields());
    },
  });
  const said: string[] = [];
  body.through(pacedBy(new Pacer(2_000_000, clock)));
  body.pipe({
    write: (bytes) => {
      said.push(`${bytes.length}`);
      return true;
    },
    holdsNothing: true,
    end: () => said.push('end'),
    fail: () => said.push('fail'),
  });
  body.write(Buffer.alloc(60_000, 'a'));
  clock.advance(1_000);
  expect(said.filter((word) => word === 'end')).toEqual(['end']);
  expect(said.at(-1)).toBe('end');
});

test('with a clock that never stands still, a fast rate does not run out of stack, and writes no crumbs', () => {
  const clock = new RestlessClock();
  const body = new Body(source);
  let writes = 0;
  let bytes = 0;
  body.through(pacedBy(new Pacer(1_000_000, clock)));
  body.pipe({
    write: (piece) => {
      writes++;
      bytes += piece.length;
      return true;
    },
    holdsNothing: true,
    end() {},
    fail() {},
  });
  body.write(Buffer.alloc(500_000));
  clock.advance(1_000);
  expect(bytes).toBe(500_000);
  expect(writes).toBeLessThan(120);
});

test('in no second does more than the rate pass, and one portion, whoever shares it', () => {
  const run = fc.record({
    rate: fc.integer({ min: 100, max: 200_000 }),
    sharers: fc.integer({ min: 1, max: 6 }),
    writes: fc.array(
      fc.record({ who: fc.nat(5), at: fc.integer({ min: 0, max: 3_000 }), bytes: fc.integer({ min: 1, max: 3_000 }) }),
      { maxLength: 150 },
    ),
  });
  fc.assert(
    fc.property(run, ({ rate, sharers, writes }) => {
      const clock = new ManualClock();
      const pacer = new Pacer(rate, clock);
      const passed: Array<readonly [at: number, bytes: number]> = [];
      const bodies = Array.from({ length: sharers }, () => {
        const body = new Body(source);
        body.through(pacedBy(pacer));
        body.pipe({
          write: (bytes) => {
            passed.push([clock.monotonic(), bytes.length]);
            return true;
          },
          holdsNothing: true,
          end() {},
          fail() {},
        });
        return body;
      });
      for (const { who, at, bytes } of writes) clock.after(at, () => bodies[who % sharers]?.write(Buffer.alloc(bytes)));
      clock.advance(4_000);
      let from = 0;
      let sum = 0;
      for (const [at, bytes] of passed) {
        sum += bytes;
        while ((passed[from]?.[0] ?? at) <= at - 1_000) sum -= passed[from++]?.[1] ?? 0;
        expect(sum).toBeLessThanOrEqual(Math.ceil(rate * 1.01) + 1);
      }
    }),
    { numRuns: 200 },
  );
});

test('a body that is sent again is paced again, and as a whole', () => {
  const clock = new ManualClock();
  const body = new Body(source);
  body.keepForReplay(100_000);
  body.through(pacedBy(new Pacer(1_000, clock)));
  const sinkOf = (got: { bytes: number }) => ({
    write: (piece: Buffer) => {
      got.bytes += piece.length;
      return true;
    },
    holdsNothing: true,
    end() {},
    fail() {},
  });
  const [first, second] = [{ bytes: 0 }, { bytes: 0 }];
  body.write(Buffer.alloc(5_000));
  body.end(new Fields());
  body.pipe(sinkOf(first));
  clock.advance(500);
  body.discard(); // the answer came early
  expect(body.rewind()).toBe(true);
  body.pipe(sinkOf(second));
  clock.advance(999);
  expect(Math.abs(second.bytes - 1_000)).toBeLessThanOrEqual(10);
  clock.advance(5_000);
  expect(second.bytes).toBe(5_000);
  expect(first.bytes).toBeLessThan(600);
});
