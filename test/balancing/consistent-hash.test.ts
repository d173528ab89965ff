import { describe, expect, test } from 'vitest';
import type { HashTable } from '../../src/balancing/consistent-hash.js';
import { ConsistentHash } from '../../src/balancing/consistent-hash.js';
import { maglevOf } from '../../src/balancing/maglev.js';
import { ringOf } from '../../src/balancing/ring-hash.js';
import { seededRandom } from '../../src/foundation/random.js';
import { Fields } from '../../src/http1/fields.js';
import type { Instance } from '../../src/registry/instance.js';
import { exchangeOf } from '../support/exchange.js';
import { instancesOf, pickOf } from './instance.js';

const users = Array.from({ length: 10_000 }, (_, at) => exchangeOf({ fields: new Fields(['X-User', `user-${at}`]) }));

const tables = [
  { name: 'ring-hash', tableOf: ringOf, strayLimit: 0 },
  { name: 'maglev', tableOf: maglevOf, strayLimit: 0.1 },
];

describe.each(tables)('$name', ({ tableOf, strayLimit }) => {
  test.each([2, 3, 10, 100, 200])('when one of %i leaves, its keys move and hardly any other', (count) => {
    const policy = start(tableOf);
    const instances = instancesOf(Array.from({ length: count }, () => 1));
    const [gone, ...rest] = instances;
    const before = ownersOf(policy, instances);
    const after = ownersOf(policy, rest);

    const moved = before.filter((owner, at) => owner !== after[at]).length;
    const strays = before.filter((owner, at) => owner !== gone && owner !== after[at]).length;
    expect(moved).toBeGreaterThan(0);
    expect(moved / users.length).toBeLessThanOrEqual(1 / count + 0.1);
    expect(strays / users.length).toBeLessThanOrEqual(count > 64 ? 0.1 : strayLimit);
  });

  test('when one comes, keys move to it alone or nearly so, and back when it leaves', () => {
    const policy = start(tableOf);
    const all = instancesOf([1, 1, 1, 1]);
    const fewer = all.slice(0, 3);
    const before = ownersOf(policy, fewer);
    const during = ownersOf(policy, all);

    const strays = during.filter((owner, at) => owner !== before[at] && owner !== all[3]).length;
    expect(during).toContain(all[3]);
    expect(strays / users.length).toBeLessThanOrEqual(strayLimit);
    expect(ownersOf(policy, fewer)).toEqual(before);
  });

  test('a key has the same instance after a restart, in whatever order the instances come', () => {
    const instances = instancesOf([1, 2, 1, 3]);
    expect(ownersOf(start(tableOf), instances.toReversed())).toEqual(ownersOf(start(tableOf), instances));
  });

  test('to be avoided, an instance is passed over, for each key by the same other one, and not by one for all', () => {
    const policy = start(tableOf);
    const instances = instancesOf([1, 1, 1, 1]);
    const [first] = instances;
    const avoid = instances.slice(0, 1);
    const owned = users.filter((exchange) => policy.pick(instances, exchange, []) === first);
    const seconds = owned.map((exchange) => policy.pick(instances, exchange, avoid));

    expect(new Set(seconds)).toEqual(new Set(instances.slice(1)));
    expect(owned.map((exchange) => policy.pick(instances, exchange, avoid))).toEqual(seconds);
    expect(ownersOf(policy, instances)[0]).toBe(policy.pick(instances, users[0] ?? exchangeOf(), []));
  });

  test('keys are spread by weight', () => {
    const instances = instancesOf([1, 2, 5]);
    const owners = ownersOf(start(tableOf), instances);
    for (const instance of instances) {
      const share = owners.filter((owner) => owner === instance).length / users.length;
      expect(Math.abs(share - instance.weight / 8)).toBeLessThan(0.05);
    }
  });

  test('requests without the key go anywhere, those with it do not', () => {
    const policy = start(tableOf);
    const instances = instancesOf([1, 1, 1]);
    expect(new Set(Array.from({ length: 100 }, () => pickOf(policy, instances)))).toEqual(new Set(instances));
    const withKey = Array.from({ length: 100 }, () => policy.pick(instances, users[0] ?? exchangeOf(), []));
    expect(new Set(withKey).size).toBe(1);
  });

  test('a weight that is tiny beside the others does no harm', () => {
    const instances = instancesOf([1_000_000, 0.001]);
    const owners = new Set(ownersOf(start(tableOf), instances));
    expect(owners).toContain(instances[0]);
  });
});

function start(tableOf: (candidates: readonly Instance[]) => HashTable): ConsistentHash {
  return new ConsistentHash({ kind: 'header', name: 'x-user' }, seededRandom(3), tableOf);
}

function ownersOf(policy: ConsistentHash, instances: readonly Instance[]): Array<Instance | undefined> {
  return users.map((exchange) => policy.pick(instances, exchange, []));
}
