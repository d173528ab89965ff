import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'vitest';
import { TestGateway } from '../../support/gateway.js';
import { RawClient } from '../../support/raw-client.js';
import type { Failure, PassedResponse, ResponseCase } from './case.js';
import { get, hostLine, shown } from './case.js';
import type { Ending, ResponseMessage } from './decode.js';
import { decodeResponses, valuesOf } from './decode.js';
import { expectFields } from './expect-fields.js';
import type { Way } from './recorder.js';
import { Recorder, soon, tell, write } from './recorder.js';

const next = `GET /next HTTP/1.1\r\n${hostLine}\r\nConnection: close\r\n\r\n`;

export async function runResponse(each: ResponseCase, way: Way): Promise<void> {
  const { request = get(), bytes, ending = 'stays', expect: expected } = each;
  const method = request.split(' ')[0] ?? '';
  let written: Promise<void> | undefined;
  await using orders = await Recorder.start((message, socket) => {
    if (message.target === '/next') tell(message, socket);
    else written = say(socket, bytes, ending, way);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(request);
  const waitsFor = typeof expected === 'object' && 'status' in expected ? expected : undefined;
  const answer = await soon(answered(client, method, waitsFor), () => `received ${shown(client.received)}`);
  await written;

  if (waitsFor !== undefined) expectPassed(answer, waitsFor);
  else expect([expected].flat(), shown(client.received)).toContain(await failureOf(client, answer));
  if (waitsFor === undefined || waitsFor.hasSurplus) await expectDropped(orders);
  const [connection] = orders.connections;
  if (waitsFor?.tunnels !== undefined)
    await expect.poll(() => connection?.bytes.split('\r\n\r\n')[1]).toBe(waitsFor.tunnels);
  if (waitsFor?.status !== 101) await expectNext(mesh, orders, client, { method, ...waitsFor });
}

async function say(socket: Socket, bytes: string, ending: ResponseCase['ending'], way: Way): Promise<void> {
  await write(socket, bytes, way);
  if (ending === 'ends') socket.end();
  if (ending !== 'resets') return;
  for (let turns = 0; turns < 5; turns++) await turn(); // what was written is read before the reset takes it away
  socket.resetAndDestroy();
}

/** Resolves with the first answer, when it is whole or no more of it will come. */
async function answered(
  client: RawClient,
  method: string,
  expected: PassedResponse | undefined,
): Promise<ResponseMessage | undefined> {
  const enough = expected?.status === 101 ? (expected.body?.length ?? 0) : 0;
  return await new Promise((resolve, reject) => {
    const look = (ending: Ending) => {
      try {
        const [first] = decodeResponses(client.received, [method], ending);
        if (ending !== 'open' || (first?.isWhole && first.body.length >= enough)) resolve(first);
      } catch (thrown) {
        reject(thrown);
      }
    };
    client.socket.on('data', () => look('open'));
    client.socket.once('end', () => client.halfClose());
    client.closed.then(look);
    look('open');
  });
}

function expectPassed(answer: ResponseMessage | undefined, expected: PassedResponse): void {
  const { status, reason, body = '', trailers = [], interims, interimHas } = expected;
  const { fields = [], ...got } = answer ?? {};
  expect(got, fields.join(' | ').slice(0, 1_000)).toMatchObject({ status, body, trailers, isWhole: true });
  expectFields({ fields }, expected);
  if (reason !== undefined) expect(answer?.reason).toBe(reason);
  if (interims !== undefined) expect(answer?.interims.map((each) => each.status)).toEqual(interims);
  if (interimHas !== undefined) expect(answer?.interims[0]?.fields).toEqual(interimHas);
}

async function failureOf(client: RawClient, answer: ResponseMessage | undefined): Promise<Failure | string> {
  const code = valuesOf(answer?.fields ?? [], 'x-mesh-error')[0];
  if (answer?.isWhole) return answer.status === 502 && code !== undefined ? code : `passes as ${answer.status}`;
  const how = await soon(client.closed, () => 'the client’s connection is open');
  return answer === undefined ? `nothing, and the connection is closed by ${how}` : 'cut';
}

/** The connection that brought the answer is of no more use. */
async function expectDropped(orders: Recorder): Promise<void> {
  for (const { closed } of orders.connections) await soon(closed, () => 'the service’s connection is kept');
}

/** The next request gets its own answer: on the same connection, when that was to stay, and over one to the service that can be relied on. */
async function expectNext(
  mesh: TestGateway,
  orders: Recorder,
  client: RawClient,
  { method, status, closes, hasSurplus }: Partial<PassedResponse> & { method: string },
): Promise<void> {
  const before = orders.connections.length;
  const ended = closes || (status === undefined && /\r\nConnection: close\r\n/i.test(client.received));
  if (ended) await soon(client.untilEnd(), () => 'the client’s connection is open');
  const isOpen = !client.socket.readableEnded && !client.socket.destroyed;
  if (status !== undefined) expect(isOpen).toBe(!closes);
  if (ended) expect(decodeResponses(client.received, [method], 'end')).toHaveLength(1);
  using other = await RawClient.connect(mesh.address);
  const asking = isOpen ? client : other;
  asking.send(next);
  const received = await soon(asking.untilEnd(), () => `received ${shown(asking.received)}`);
  const answers = decodeResponses(received, isOpen ? [method] : [], 'end');
  expect(answers.length).toBe(isOpen ? 2 : 1);
  expect(answers.at(-1)).toMatchObject({ status: 200, body: 'GET /next' });
  if (status === undefined || hasSurplus) expect(orders.connections.length).toBe(before + 1);
}
