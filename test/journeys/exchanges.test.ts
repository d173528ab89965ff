import { expect, test } from 'vitest';
import { get, Journey } from '../support/mesh-cli.js';
import { Upstream } from '../support/upstream.js';

test('a request is seen as it ends, and its story is told by the id that its answer carries', async () => {
  await using orders = await Upstream.start((_request, response) =>
    response.writeHead(orders.seen.length === 1 ? 503 : 200).end('ok'),
  );
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
registry: { store: memory }
services:
  orders:
    instances: ["127.0.0.1:${orders.port}"]
    retries: { attempts: 1, on: [503], budget: 100% }
`);
  const up = await journey.up();
  const tail = journey.start('tail', 'orders', '--status', '2xx', '--json');
  const id = 'story-1';
  await tail.says(/Watching/);
  await get(up.gatewayPort, 'orders');
  await tail.says(/"service":"orders"/);
  tail.interrupt();
  expect(await tail.ended()).toMatchObject({ code: 130 });
  const [first = ''] = tail.stdout.split('\n');
  expect(JSON.parse(first)).toMatchObject({ service: 'orders', status: 200, outcome: 'answered' });

  const answer = await fetch(`http://127.0.0.1:${up.gatewayPort}/x`, {
    headers: { 'x-mesh-service': 'orders', 'x-request-id': id },
  });
  expect(answer.headers.get('x-request-id')).toBe(id);
  expect(orders.last.fields.get('x-request-id')).toBe(id);
  expect(orders.last.fields.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
  await answer.text();
  const story = await journey.run('explain', id);
  expect(story.stdout).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/x {2}200 from the service/);
  expect(story.stdout).toMatch(/attempt 1 \S+ +█+ .* 200/);
  const [, trace = ''] =
    /traceparent: 00-([0-9a-f]{32})/.exec(`traceparent: ${orders.last.fields.get('traceparent')}`) ?? [];
  expect((await journey.run('explain', trace, '--json')).stdout).toContain(`"id": "${id}"`);
  expect((await journey.run('explain', '--last')).stdout).toContain('200 from the service');
  expect(await journey.run('explain', 'nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('`nobody`'),
  });
});

test('what services print of a request is found from it, and it from what they print', async () => {
  const program =
    "require('http').createServer((q,r)=>{console.log('trace_id='+q.headers.traceparent.split('-')[1]+' GET '+q.url);r.end()}).listen(process.env.PORT,'127.0.0.1')";
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
registry: { store: memory }
services:
  orders: { command: ${JSON.stringify(`${process.execPath} -e "${program}"`)} }
`);
  const up = await journey.up();
  for (const id of ['first', 'second']) {
    const headers = { 'x-mesh-service': 'orders', 'x-request-id': id };
    await (await fetch(`http://127.0.0.1:${up.gatewayPort}/${id}`, { headers })).text();
  }
  await up.says(/GET \/second/);

  const { stdout } = await journey.run('logs', '--trace', 'second');
  expect(stdout).toMatch(/^orders-1 \| trace_id=[0-9a-f]{32} GET \/second\n$/);
  const [, trace = ''] = /trace_id=(\w+)/.exec(stdout) ?? [];
  const story = await journey.run('explain', trace);
  expect(story.stdout).toContain('/second  200 from the service');
  expect(story.stdout).toMatch(/\n {2}\+\d+ ms {2}orders-1 \| trace_id=[0-9a-f]{32} GET \/second\n$/);
  const lines = (await journey.run('logs', '--json')).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).traceId)).toContain(trace);
});
