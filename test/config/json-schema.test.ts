// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchema } from '../../src/config/json-schema.js';
import { mistakes } from './read.js';

const root = new URL('../../', import.meta.url);
const validate = new Ajv({ strict: true, allErrors: true }).compile(jsonSchema());

test('the committed schema is the one that the code makes', () => {
  const committed = readFileSync(new URL('schema/mesh.schema.json', root), 'utf8');

  expect(committed).toBe(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
});

test('every property, however deep, says what it is in a sentence', () => {
  const silent: string[] = [];
  const seen: string[] = [];
  const walk = (schema: unknown, path: string) => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key !== 'properties') {
        walk(value, path);
        continue;
      }
      for (const [name, property] of Object.entries<{ description?: string }>(value)) {
        seen.push(`${path}.${name}`);
        if (!/^[`A-Z].{8,}[.`]$/s.test(property.description ?? '')) silent.push(`${path}.${name}`);
        walk(property, `${path}.${name}`);
      }
    }
  };
  walk(jsonSchema(), '');

  expect(silent).toEqual([]);
  expect(seen).toContain('.services.healthCheck.interval');
});

test('defaults are shown to editors', () => {
  expect(jsonSchema()).toMatchObject({
    properties: {
      gateway: { properties: { port: { default: 8080 } } },
      defaults: {
        properties: {
          timeouts: { properties: { request: { default: '15s' } } },
          healthCheck: { anyOf: [{}, { properties: { interval: { default: '5s' } } }] },
        },
      },
    },
  });
});

test('of a condition editors offer examples, and each of them is one', () => {
  const examples = [...JSON.stringify(jsonSchema()).matchAll(/"examples":(\[[^\]]*\])/g)].flatMap(
    ([, list = '']): string[] => JSON.parse(list),
  );

  expect(examples).toContain('error_rate > 5%');
  for (const when of examples) expect(mistakes(`alerts: [{ name: a, when: ${when} }]`)).toEqual([]);
});

const good: ReadonlyArray<string> = [
  '{}',
  'name: shop',
  '$schema: ./x.json\nx-any: { thing: [1] }',
  'gateway: { host: "::", port: 0, domain: mesh.test, x-note: 1 }\nadmin: { token: auto }',
  'gateway: { host: "${HOST}", port: "${PORT}" }\nservices: { a: { command: x, replicas: "${N:-2}", expose: "${E:-true}" } }',
  'services: { a: {}, x-ray: {}, constructor: {} }',
  'services: { a: { command: "echo ${X}", environment: { A: 1, B: true, C: text, D: "${HOME:-x}" }, version: 1.10 } }',
  'services: { a: { port: 80, instances: [localhost, "[::1]:90", { host: a, weight: 0, metadata: { x-y: 1 } }, "${A:-a:1}"] } }',
  'services: { a: { routes: [{ host: "*" }, { path: /a, headers: { x-env: beta, b: 1 } }] } }',
  'services: { a: { timeouts: { request: 0, connect: 1.5s } } }',
  'defaults: { stopTimeout: "0", restart: "${R:-never}", healthCheck: { tcp: true } }',
  'x-a: &a { command: x }\nservices: { a: { <<: *a, watch: ["**"] } }',
  'services: { a: { allow: [anonymous, a], loadBalancer: random, split: { v1: 90%, v2: 10% }, mirror: { version: v2 }, retries: 2 } }',
  'services: { a: { loadBalancer: { policy: ring-hash, hashOn: { header: x-user }, slowStart: 30s, healthyPanicThreshold: 50 } } }',
  'services: { a: { loadBalancer: "${P:-random}", retries: "${N:-2}", split: { v1: "${S:-90%}", v2: 10% } } }',
  'services: { a: { split: { versions: { v1: 9, 1.10: 0.5 }, by: { sourceAddress: true } } } }',
  'services: { a: { split: { versions: 1, by: 2 } } }',
  'services: { a: { retries: { on: [5xx, 503], methods: [get], backoff: 0, budget: 20% } } }',
  'services: { a: { retries: { budget: { percentage: 0, minConcurrency: 0 } } } }',
  'services: { a: { healthCheck: { command: "pg_isready -p $PORT" }, connectionPool: {}, circuitBreaker: {} } }',
  'services: { a: { routes: [{ cookies: { a: 1 }, query: { "b c": "d e" }, to: { version: 2 } }] } }',
  'services: { a: { healthCheck: false, retries: false, connectionPool: false, circuitBreaker: false, outlierDetection: "${O:-false}" } }',
  'defaults: { retries: false, healthCheck: false }',
  'services: { a: { mirror: { version: v2, percentage: 0.5% }, retries: { budget: "0" }, split: { v1: 100%, v2: 0 } } }',
  'services: { a: { loadBalancer: { healthyPanicThreshold: 1.5 }, retries: { budget: 0 } } }',
  'services: { a: { rateLimit: 100/s, concurrency: 50, bandwidth: { down: 1MiB/s }, faults: [] } }\nseed: 42',
  'services: { a: { rateLimit: "${R:-5/s}", concurrency: "${C:-adaptive}", bandwidth: false } }\nseed: "${S:-1}"',
  'services: { a: { rateLimit: { rate: 0.5/h, burst: 9, by: header:x-user, excess: reject }, concurrency: adaptive } }',
  'services: { a: { concurrency: { limit: adaptive, queue: 0, maxWait: 1s, priority: { header: x-p } }, rateLimit: false } }',
  'services: { a: { faults: [{ delay: 0, jitter: 1s, distribution: normal, percentage: 5 }, { abort: grpc:14 }, { abort: 503 }] } }',
  'services: { a: { faults: [{ abort: grpc:UNAVAILABLE }, { reset: before-head }, { reset: 1KiB }, { reset: 0 }, { throttle: 1B/s }] } }',
  'services: { a: { faults: [{ slowClose: 1s }, { truncate: 0 }, { corrupt: 1% }, { blackhole: true }, { abort: "${A:-503}" }] } }',
  'services: { a: { faults: [{ mock: { headers: { a: 1 }, body: 5 } }, { mock: { file: a.json } }, { mock: {} }] } }',
  'services: { a: { faults: [{ delay: 1s, match: { path: /a, method: GET, headers: { a: b }, caller: a, version: 2, instance: "a:1" } }] } }',
  'services: { a: { routes: [{ path: /, priority: high }] } }',
  'services: { a: {} }\nscenarios: { x-ray: [], s: [{ at: 0, service: a, fault: { delay: 1s } }, { at: 1s, clear: all }] }',
  'services: { a: {} }\nscenarios: { s: [{ at: 0, service: a, rateLimit: 1/s, concurrency: 1, bandwidth: { up: 1B/s }, faults: [] }] }',
  'defaults: { rateLimit: 1/m, concurrency: adaptive, bandwidth: { up: 1B/s } }',
  'services: { a: { slo: 99.9% }, b: { slo: { availability: 99, window: 30m } }, c: { slo: false }, d: { slo: "${S:-99%}" } }',
  'services: { a: {} }\nalerts: [{ name: a b, service: a, when: p99 > 1.5s, for: 0, keepFiringFor: 1m, labels: { a: 1, b_2: x } }]',
  'services: { a: {} }\nalerts: [{ name: a, when: "error_rate > ${SHARE:-5%}", notify: [terminal, "${T:-terminal}", { command: x }] }]',
  'alerts: [{ name: a, when: "requests<=60/m", notify: [{ webhook: "https://127.0.0.1:1/x?y" }, { webhook: "${W:-http://a}" }] }]',
  'alerts: []\ndefaults: { slo: 99% }',
  'defaults: { outlierDetection: { successRateStdevFactor: 1.5, maxEjectionPercent: "${P:-10}" }, timeouts: { idle: 0 } }',
];

test.each(good)('an editor and the mesh accept %j', (text) => {
  expect(mistakes(text, { HOST: '127.0.0.1', PORT: '80' })).toEqual([]);
  expect(validate(parse(text, { merge: true })), JSON.stringify(validate.errors)).toBe(true);
});

test('an editor and the mesh accept the example', () => {
  const text = readFileSync(new URL('mesh.example.yaml', root), 'utf8');

  expect(mistakes(text)).toEqual([]);
  expect(validate(parse(text, { merge: true }))).toBe(true);
});

const bad: ReadonlyArray<string> = [
  '[]',
  'text',
  'constructor: {}',
  'name: ""',
  'name: 5',
  'sevices: {}',
  'services: []',
  'services: { a: }',
  'services: { Web: {} }',
  'services: { a_b: {} }',
  'services: { a: { repliacs: 1 } }',
  'services: { a: { command: "" } }',
  'services: { a: { command: 5 } }',
  'services: { a: { command: [x] } }',
  'services: { a: { command: x, replicas: 0 } }',
  'services: { a: { command: x, replicas: 1.5 } }',
  'services: { a: { command: x, replicas: "2" } }',
  'services: { a: { command: x, restart: no } }',
  'services: { a: { command: x, dependsOn: b } }',
  'services: { a: { command: x, dependsOn: [B] } }',
  'services: { a: { command: x, environment: { A-B: 1 } } }',
  'services: { a: { command: x, environment: { A: [1] } } }',
  'services: { a: { command: x, environment: { A: } } }',
  'services: { a: { command: x, stopTimeout: 5 } }',
  'services: { a: { command: x, stopTimeout: 5sec } }',
  'services: { a: { command: x, watch: "**" } }',
  'services: { a: { expose: "yes" } }',
  'services: { a: { listen: 0 } }',
  'services: { a: { listen: 65536 } }',
  'services: { a: { version: "a b" } }',
  'services: { a: { timeouts: { request: -1 } } }',
  'services: { a: { timeouts: { connect: 0 } } }',
  'services: { a: { timeouts: { connect: 0s } } }',
  'services: { a: { healthCheck: { path: up } } }',
  'services: { a: { healthCheck: { tcp: false } } }',
  'services: { a: { healthCheck: { tcp: true, interval: 0ms } } }',
  'services: { a: { healthCheck: { tcp: true, healthyThreshold: 0 } } }',
  'services: { a: { routes: { path: / } } }',
  'services: { a: { routes: [{ host: "a:80" }] } }',
  'services: { a: { routes: [{ path: a }] } }',
  'services: { a: { routes: [{ path: /, method: "a b" }] } }',
  'services: { a: { routes: [{ path: /, pth: / }] } }',
  'services: { a: { routes: [{ headers: { "a b": c } }] } }',
  'services: { a: { instances: [4001] } }',
  'services: { a: { instances: ["http://a:1"] } }',
  'services: { a: { instances: [{ address: "a:1", weight: 1001 }] } }',
  'services: { a: { instances: [{ address: "a:1", adress: 1 }] } }',
  'services: { a: { instances: [{ address: "a:1", id: a/b }] } }',
  'services: { a: { instances: [[a]] } }',
  'gateway: { port: -1 }',
  'gateway: { port: "80" }',
  'gateway: { domain: "-a" }',
  'gateway: { host: "a/b" }',
  'admin: { token: short }',
  'admin: { tokn: auto }',
  'registry: { store: etcd }',
  'services: { a: { allow: a } }',
  'services: { a: { allow: [A] } }',
  'services: { a: { loadBalancer: fastest } }',
  'services: { a: { loadBalancer: 5 } }',
  'services: { a: { loadBalancer: { polcy: random } } }',
  'services: { a: { loadBalancer: { policy: least-request, choiceCount: 1 } } }',
  'services: { a: { loadBalancer: { hashOn: { heder: x } } } }',
  'services: { a: { loadBalancer: { healthyPanicThreshold: 101% } } }',
  'services: { a: { loadBalancer: { healthyPanicThreshold: 0.5 } } }',
  'services: { a: { retries: { budget: "0.5" } } }',
  'services: { a: { split: { v1: 101% } } }',
  'services: { a: { split: { v1: -1 } } }',
  'services: { a: { split: { "v 1": 1 } } }',
  'services: { a: { split: [v1] } }',
  'services: { a: { split: { versions: { v1: 1 }, bye: 5 } } }',
  'services: { a: { mirror: { version: v2, percentage: all } } }',
  'services: { a: { retries: 0 } }',
  'services: { a: { retries: { on: [200] } } }',
  'services: { a: { retries: { on: [reset, oops] } } }',
  'services: { a: { retries: { budget: { percent: 20% } } } }',
  'services: { a: { retries: off } }',
  'services: { a: { retries: } }',
  'services: { a: { retries: true } }',
  'services: { a: { healthCheck: "false" } }',
  'services: { a: { connectionPool: } }',
  'services: { a: { outlierDetection: 0 } }',
  'services: { a: { timeouts: false } }',
  'services: { a: { loadBalancer: false } }',
  'services: { a: { connectionPool: { maxConnections: 0 } } }',
  'services: { a: { circuitBreaker: true } }',
  'services: { a: { circuitBreaker: { per: version } } }',
  'services: { a: { outlierDetection: { consecutive5xx: -1 } } }',
  'services: { a: { outlierDetection: { successRateStdevFactor: x } } }',
  'services: { a: { routes: [{ path: /, to: {} }] } }',
  'services: { a: { routes: [{ cookies: { a: "b;c" } }] } }',
  'services: { a: { rateLimit: 100 } }',
  'services: { a: { rateLimit: 0/s } }',
  'services: { a: { rateLimit: { burst: 1 } } }',
  'services: { a: { rateLimit: { rate: 1/s, by: header } } }',
  'services: { a: { rateLimit: { rate: 1/s, excess: drop } } }',
  'services: { a: { concurrency: 0 } }',
  'services: { a: { concurrency: adaptiv } }',
  'services: { a: { concurrency: { queue: 1 } } }',
  'services: { a: { concurrency: { limit: 1, priority: {} } } }',
  'services: { a: { bandwidth: 1KiB/s } }',
  'services: { a: { bandwidth: { up: 1KB/s } } }',
  'services: { a: { faults: false } }',
  'services: { a: { faults: [{ abort: 600 }] } }',
  'services: { a: { faults: [{ abort: grpc:17 }] } }',
  'services: { a: { faults: [{ reset: after }] } }',
  'services: { a: { faults: [{ throttle: 0B/s }] } }',
  'services: { a: { faults: [{ slowClose: 0 }] } }',
  'services: { a: { faults: [{ blackhole: false }] } }',
  'services: { a: { faults: [{ mock: { body: [] } }] } }',
  'services: { a: { faults: [{ mock: {}, match: { instance: "a b" } }] } }',
  'services: { a: { routes: [{ path: /, priority: urgent }] } }',
  'seed: -1',
  'seed: 4294967296',
  'scenarios: []',
  'scenarios: { S: [] }',
  'scenarios: { s: [{ clear: all }] }',
  'services: { a: {} }\nscenarios: { s: [{ at: 0, service: a, rateLimit: false }] }',
  'alerts: {}',
  'alerts: [{ name: a }]',
  'alerts: [{ when: queue > 1 }]',
  'alerts: [{ name: "", when: queue > 1 }]',
  'alerts: [{ name: " ", when: queue > 1 }]',
  'alerts: [{ name: a, when: queue > many }]',
  'alerts: [{ name: a, when: queue above 1 }]',
  'alerts: [{ name: a, when: p99 > 500 }]',
  'alerts: [{ name: a, when: 5 }]',
  'alerts: [{ name: a, when: queue > 1, for: 5 }]',
  'alerts: [{ name: a, when: queue > 1, labels: { a-b: c } }]',
  'alerts: [{ name: a, when: queue > 1, notify: terminal }]',
  'alerts: [{ name: a, when: queue > 1, notify: [slack] }]',
  'alerts: [{ name: a, when: queue > 1, notify: [{ webhook: "ftp://a" }] }]',
  'alerts: [{ name: a, when: queue > 1, notify: [{ webhok: "http://a" }] }]',
  'alerts: [{ name: a, when: queue > 1, notify: [{ command: "" }] }]',
  'services: { a: { slo: true } }',
  'services: { a: { slo: 0.999 } }',
  'services: { a: { slo: { window: 1h } } }',
  'services: { a: { slo: { availability: 99%, window: 0 } } }',
  'defaults: { faults: [] }',
  'defaults: { split: { v1: 1 } }',
  'defaults: { replicas: 2 }',
  'defaults: { command: x }',
];

test.each(bad)('an editor and the mesh refuse %j', (text) => {
  expect(mistakes(text).map(({ code }) => code)).toEqual([expect.stringMatching(/^(?:invalid_value|unknown_key)$/)]);
  expect(validate(parse(text))).toBe(false);
});
