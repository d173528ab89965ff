import { expect, test } from 'vitest';
import type { PolicyConfig } from '../../src/config/policy-configs.js';
import { freePort } from '../support/free-port.js';
import { TestGateway } from '../support/gateway.js';
import { plainPolicies } from '../support/policies.js';
import { Upstream } from '../support/upstream.js';

const hashOn = { kind: 'header', name: 'x-user' } as const;

const policies: PolicyConfig[] = [
  { kind: 'round-robin' },
  { kind: 'random' },
  { kind: 'least-request', choiceCount: 2 },
  { kind: 'peak-ewma', choiceCount: 2 },
  { kind: 'ring-hash', hashOn },
  { kind: 'maglev', hashOn },
];

test.each(policies)(
  '$kind: with one of four that is not there, one that breaks and one that leaves, every request is answered by who is left',
  async (policy) => {
    await using steady = await Upstream.start('steady');
    await using breaks = await Upstream.start((_request, response) => {
      if (breaks.seen.length > 20) response.destroy();
      else response.end('breaks');
    });
    await using leaves = await Upstream.start('leaves');
    await using mesh = await TestGateway.start({
      orders: {
        at: [steady, breaks, { address: { host: '127.0.0.1', port: await freePort() } }],
        loadBalancer: { ...plainPolicies.loadBalancer, policy },
        retries: {
          attempts: 3,
          on: ['reset'],
          methods: ['GET'],
          backoff: 0,
          budget: { percentage: 1, minConcurrency: 10 },
        },
      },
    });
    const leaving = mesh.add('orders', leaves);
    const callMany = (from: number) => {
      const calls = Array.from({ length: 120 }, (_, at) =>
        mesh.call('orders/', { headers: { 'x-user': `user-${from + at}` } }),
      );
      return Promise.all(calls);
    };

    const before = await callMany(0);
    mesh.registry.remove('orders', leaving, 'file');
    const seenByLeaver = leaves.seen.length;
    const after = await callMany(1_000);

    expect([...before, ...after].map(({ status }) => status)).toEqual(Array.from({ length: 240 }, () => 200));
    expect(new Set(before.map(({ body }) => body))).toEqual(new Set(['steady', 'breaks', 'leaves']));
    expect(leaves.seen).toHaveLength(seenByLeaver);
  },
);
