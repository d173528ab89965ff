import { expect, test } from 'vitest';
import { Collector, childrenOf } from '../support/collector.js';
import { answering, get, Journey } from '../support/mesh-cli.js';
import { Upstream } from '../support/upstream.js';

/** @param traces of the mesh file, in YAML */
function fileWith(traces: string): string {
  return `
gateway: { port: 0 }
admin: { port: 0 }
telemetry: { traces: ${traces} }
services:
  orders:
    command: ${JSON.stringify(answering('orders'))}
`;
}

test('spans go where the mesh file says, the last of them when the mesh ends', async () => {
  await using collector = await Collector.start();
  await using journey = await Journey.begin(fileWith(`{ otlp: "${collector.url}" }`));
  const up = await journey.up();
  await get(up.gatewayPort, 'orders', '/cart');
  up.interrupt();
  expect(await up.ended()).toMatchObject({ code: 0 });

  const server = collector.spans.find(({ kind }) => kind === 'SERVER');
  if (server === undefined) return expect.fail('no span has come');
  expect(server).toMatchObject({ name: 'GET orders', attributes: { 'url.path': '/cart' } });
  expect(childrenOf(server, collector.spans)).toMatchObject([
    { kind: 'CLIENT', attributes: { 'mesh.instance': 'orders-1' } },
  ]);
});

test('a service that passes on what it was told, and does no more, is followed to the next one', async () => {
  await using collector = await Collector.start();
  const program = `require('http').createServer(async (q, r) => r.end(await (await fetch(process.env.ORDERS_URL, { headers: { traceparent: q.headers.traceparent } })).text())).listen(process.env.PORT, '127.0.0.1')`;
  await using journey = await Journey.begin(`${fileWith(`{ otlp: "${collector.url}" }`)}
  web:
    dependsOn: [orders]
    command: ${JSON.stringify(`${process.execPath} -e "${program}"`)}
`);
  const up = await journey.up();
  expect((await get(up.gatewayPort, 'web')).body).toMatch(/^orders /);
  up.interrupt();
  await up.ended();

  const [root, ...others] = collector.spans.filter(({ parentSpanId }) => parentSpanId === '');
  if (root === undefined) return expect.fail('no trace has begun');
  expect(others).toEqual([]);
  const way = [root];
  for (let span = way[0]; span !== undefined; ) {
    [span] = childrenOf(span, collector.spans);
    if (span !== undefined) way.push(span);
  }
  expect(way.map(({ kind, attributes }) => [kind, attributes['mesh.service'], attributes['mesh.caller']])).toEqual([
    ['SERVER', 'web', undefined],
    ['CLIENT', 'web', undefined],
    ['SERVER', 'orders', 'web'],
    ['CLIENT', 'orders', undefined],
  ]);
  const starts = way.map(({ start }) => start);
  expect(starts.toSorted((left, right) => Number(left - right))).toEqual(starts);
});

test('what a service tells of its own goes to the same place, even what it tells when it ends', async () => {
  await using collector = await Collector.start();
  await using journey = await Journey.begin(`${fileWith(`{ otlp: "${collector.url}" }`)}
  teller:
    command: node teller.mjs
`);
  await journey.write(
    'teller.mjs',
    `import { createServer } from 'node:http';
    createServer((_, response) => response.end()).listen(process.env.PORT, '127.0.0.1');
    process.on('SIGTERM', async () => {
      const span = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', name: 'the end', startTimeUnixNano: '1', endTimeUnixNano: '2' };
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
      await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      process.exit();
    });`,
  );
  const up = await journey.up();
  await get(up.gatewayPort, 'teller');
  up.interrupt();
  expect(await up.ended()).toMatchObject({ code: 0 });

  const bodies = collector.requests.map(({ body }) => body.toString());
  expect(bodies.filter((body) => body.includes('"the end"'))).toHaveLength(1);
  expect(collector.spans.map(({ kind }) => kind)).toEqual(['SERVER', 'CLIENT']);
});

test('where the mesh file says nothing, the variables of OpenTelemetry say where to, what is sampled, and how', async () => {
  await using collector = await Collector.start();
  await using journey = await Journey.begin(fileWith('{}'), {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=k',
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_SERVICE_NAME: 'edge',
  });
  const up = await journey.up();
  await get(up.gatewayPort, 'orders');
  const [span] = await collector.until(2);
  expect(span?.resource).toMatchObject({ 'service.name': 'edge' });
  expect(collector.requests[0]).toMatchObject({ url: '/v1/traces', headers: { 'x-key': 'k' } });

  await journey.write('mesh.yaml', fileWith('{ otlp: off }'));
  await up.says(/reloaded: ~telemetry\.traces/);
  await get(up.gatewayPort, 'orders');
  up.interrupt();
  await up.ended();
  expect(collector.spans).toHaveLength(2);
});

test('a collector that is not there, or never answers, holds up neither a request nor the end', async () => {
  await using collector = await Collector.start();
  collector.answer = 'never';
  const environment = { OTEL_BSP_SCHEDULE_DELAY: '10' };
  await using journey = await Journey.begin(fileWith(`{ otlp: "${collector.url}" }`), environment);
  const up = await journey.up();
  expect((await get(up.gatewayPort, 'orders')).status).toBe(200);
  const down = journey.run('down', '--wait-timeout', '8s');
  await collector.when(() => collector.requests.length > 0);
  expect((await down).code).toBe(0); // the exporter itself would wait for ten seconds
  expect(await up.ended()).toMatchObject({ code: 0 });

  await journey.write('mesh.yaml', fileWith('{ otlp: { endpoint: "http://127.0.0.1:1", timeout: 700ms } }'));
  const again = await journey.up();
  expect((await get(again.gatewayPort, 'orders')).status).toBe(200);
  await again.says(
    /spans do not reach http:\/\/127\.0\.0\.1:1\/v1\/traces and are dropped until they do: .*ECONNREFUSED/,
  );
  expect(again.stdout + again.stderr).not.toMatch(/OTLPExporterError|\bat .*node_modules/);
});

test('a mesh that sends no spans loads nothing of OpenTelemetry', async () => {
  await using collector = await Collector.start();
  await using upstream = await Upstream.start();
  const loadedBy = async (traces: object) => {
    await using journey = await Journey.begin();
    const options = {
      gateway: { port: 0 },
      admin: { port: 0 },
      telemetry: { traces },
      services: { orders: { instances: [`127.0.0.1:${upstream.port}`] } },
    };
    const program = `
      import Module from 'node:module';
      const { ServiceMesh } = await import('${new URL('../../dist/index.js', import.meta.url)}');
      const mesh = new ServiceMesh(${JSON.stringify(options)});
      await mesh.start();
      await (await fetch(mesh.gatewayUrl, { headers: { 'x-mesh-service': 'orders' } })).text();
      await mesh.stop();
      console.log(Object.keys(Module._cache).filter((file) => file.includes('@opentelemetry')).length);`;
    await journey.write('program.mjs', program);
    const { stdout, stderr } = await journey.shell('"$NODE" program.mjs');
    expect(stderr).toBe('');
    return Number(stdout);
  };
  expect(await loadedBy({ otlp: collector.url })).toBeGreaterThan(10);
  expect(await loadedBy({ sample: '50%' })).toBe(0);
  expect(collector.spans).toHaveLength(2);
});

test('without the optional packages a mesh runs as ever, and says what is missing', async () => {
  await using upstream = await Upstream.start();
  await using journey = await Journey.begin();
  const options = {
    gateway: { port: 0 },
    admin: { port: 0 },
    telemetry: { traces: { otlp: 'http://127.0.0.1:4318' } },
    services: { orders: { instances: [`127.0.0.1:${upstream.port}`] } },
  };
  const missing = `export function resolve(name, context, next) {
    if (name.startsWith('@opentelemetry/')) throw new Error('there is no ' + name);
    return next(name, context);
  }`;
  const program = `
    import { register } from 'node:module';
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(missing)}`)});
    const { ServiceMesh } = await import('${new URL('../../dist/index.js', import.meta.url)}');
    const mesh = new ServiceMesh(${JSON.stringify(options)});
    mesh.on('event', ({ type, message }) => type === 'warning' && console.log(message));
    await mesh.start();
    const answer = await fetch(mesh.gatewayUrl, { headers: { 'x-mesh-service': 'orders' } });
    console.log(await answer.text());
    await mesh.stop();`;
  await journey.write('program.mjs', program);
  const { stdout } = await journey.shell('"$NODE" program.mjs');
  expect(stdout).toMatch(
    /^no spans are sent: there is no @opentelemetry\/\S+ \(`npm install --include=optional` .*\)\nok\n$/,
  );
});
