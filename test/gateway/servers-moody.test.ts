import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/foundation/random.js';
import { call, TestGateway } from '../support/gateway.js';
import type { Mood } from '../support/moody.js';
import { everyMood, Moody } from '../support/moody.js';

/** How a request ended: with its own answer, with a refusal of the gateway, cut off, or as it never should. */
type End = 'own' | 502 | 504 | 'cut' | `wrong: ${string}`;

interface Load {
  readonly clients: number;
  readonly requests: number;
  readonly seed: number;
  /** Every mood there is, by its share out of 100. */
  readonly shares: Partial<Record<Mood, number>>;
  /** Bytes that a POST may have. */
  readonly largest: number;
  /** Milliseconds for the service to answer: more than a busy machine takes, and no more than the silent ones may cost. */
  readonly patience: number;
}

/** So many clients, each on one connection while that lasts, ask one thing after the other. */
async function load({ clients, requests, seed, shares, largest, patience }: Load) {
  await using moody = await Moody.start(seed, shares);
  const timeouts = { request: patience, connect: 10_000 };
  await using mesh = await TestGateway.start({ orders: { at: [{ address: moody.upstream.address }], timeouts } });
  const random = seededRandom(seed);
  const ends: End[] = [];
  let next = 0;
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (next < requests) {
      const id = String(next++);
      const isPost = random() < 0.5;
      const body = isPost ? 'x'.repeat(random() * largest) : '';
      ends.push(
        await call(mesh.address, `/${id}`, {
          method: isPost ? 'POST' : 'GET',
          headers: { Host: 'orders.localhost', ...(isPost && id.endsWith('3') && { 'Transfer-Encoding': 'chunked' }) },
          body,
          agent,
        }).then(
          (reply): End => {
            if (reply.status === 200 && reply.body === Moody.bodyFor(id)) return 'own';
            if (reply.status === 502 || reply.status === 504) return reply.status;
            return `wrong: ${id} got ${reply.status} ${reply.body.slice(0, 100)}`;
          },
          (): End => 'cut',
        ),
      );
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: clients }, client));
  const repeated = Array.from({ length: requests }, (_, id) => `POST /${id}`).filter(
    (asked) => moody.timesSeen(asked) > 1,
  );
  return {
    own: ends.filter((end) => end === 'own').length,
    refused: ends.filter((end) => end === 502 || end === 504).length,
    cut: ends.filter((end) => end === 'cut').length,
    wrong: ends.filter((end) => typeof end === 'string' && end.startsWith('wrong')),
    repeated,
    moods: [...moody.had.keys()],
  };
}

test.each([1, 2])(
  'with a service that does whatever comes to its mind (%i), each gets its own answer or hears that there is none',
  { timeout: 30_000 },
  async (seed) => {
    const ended = await load({
      clients: 20,
      requests: 400,
      seed,
      shares: everyMood,
      largest: 100_000,
      patience: 2_000,
    });

    expect(ended.wrong).toEqual([]);
    expect(ended.repeated).toEqual([]);
    expect(ended.own + ended.refused + ended.cut).toBe(400);
    expect(ended.own).toBeGreaterThan(200);
    expect(ended.moods.sort()).toEqual(Object.keys(everyMood).sort());
  },
);

test.each([
  { when: 'before the answer', mood: 'resets' },
  { when: 'in the middle of it', mood: 'resetsInTheBody' },
] as const)(
  '40 clients with 50 requests each, of which 5 % are reset $when: none gets a wrong answer, no POST is sent twice',
  { timeout: 30_000 },
  async ({ mood }) => {
    const ended = await load({
      clients: 40,
      requests: 2_000,
      seed: 5,
      shares: { answers: 95, [mood]: 5 },
      largest: 2_000,
      patience: 10_000,
    });

    expect(ended.wrong).toEqual([]);
    expect(ended.repeated).toEqual([]);
    expect(ended.own + ended.refused + ended.cut).toBe(2_000);
    expect(ended.own).toBeGreaterThan(1_800);
  },
);
