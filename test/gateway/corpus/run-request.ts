import { expect } from 'vitest';
import { TestGateway } from '../../support/gateway.js';
import { exchangeBytes, RawClient } from '../../support/raw-client.js';
import type { RequestCase, SeenRequest } from './case.js';
import { hostLine, shown, smuggled } from './case.js';
import type { RequestMessage, ResponseMessage } from './decode.js';
import { decodeResponses, valuesOf } from './decode.js';
import { expectFields } from './expect-fields.js';
import type { Way } from './recorder.js';
import { Recorder, soon, write } from './recorder.js';

/** Behind what passes; it ends the connection, so that all that is answered has come. */
const next = `GET /next HTTP/1.1\r\n${hostLine}\r\nConnection: close\r\n\r\n`;

/** On a connection of its own, when the case is over: whatever was on its way to the service has arrived before. */
const alive = next.replace('/next', '/alive');

export async function runRequest(each: RequestCase, way: Way): Promise<void> {
  await using orders = await Recorder.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] }, web: {} });
  using client = await RawClient.connect(each.byDoor ? await mesh.gateway.door('web', 'orders') : mesh.address);
  const allowed = [each.answer].flat();
  const goesOn = allowed.includes('passes') && !each.closes;

  await write(client.socket, each.bytes + (each.isAlone || each.isCutShort ? '' : goesOn ? next : smuggled), way);
  if (each.isCutShort) client.halfClose();
  const received = await soon(client.untilEnd(), () => `received ${shown(client.received)}, and it is open`);
  const stillServed = await soon(exchangeBytes(mesh.address, alive), () => 'another client is not served');

  const answers = decodeResponses(received, methodsOf(each), 'end');
  const [first] = answers;
  const outcome = first?.status === 200 ? 'passes' : (first?.status ?? 'nothing');
  expect(allowed, received.slice(0, 1_000)).toContain(outcome);
  expect(stillServed).toMatch(/\r\n\r\nGET \/alive$/);
  if (outcome === 'passes') {
    const asked = goesOn ? [...each.seen, { method: 'GET', target: '/next' }] : each.seen;
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
      asked.map(({ method, target }) => ({ status: 200, body: method === 'HEAD' ? '' : `${method} ${target}` })),
    );
    if (first !== undefined) expectFields(first, { has: each.answerHas });
    expectSeen(orders.seen, [...asked, { method: 'GET', target: '/alive' }]);
  } else {
    if (first !== undefined) expectRefusals(answers);
    const cut = each.seen.filter(({ isCut }) => isCut);
    await expectCut(orders, cut);
  }
}

/** The answer to HEAD has no body. */
function methodsOf({ bytes, seen }: RequestCase): string[] {
  return [bytes.split(' ')[0] ?? '', ...seen.slice(1).map(({ method }) => method)];
}

function expectSeen(seen: readonly RequestMessage[], expected: readonly SeenRequest[]): void {
  const outline = ({ method, target, body = '' }: SeenRequest) => ({ method, target, body });
  expect(seen.map((each) => ({ ...outline(each), isWhole: each.isWhole }))).toEqual(
    expected.map((each) => ({ ...outline(each), isWhole: true })),
  );
  for (const [at, message] of seen.entries()) {
    expectFields(message, expected[at] ?? {});
    expect(message.trailers).toEqual(expected[at]?.trailers ?? []);
  }
}

function expectRefusals(answers: readonly ResponseMessage[]): void {
  expect(answers).toMatchObject([{ isWhole: true, interims: [] }]);
  for (const { fields } of answers) {
    expect(valuesOf(fields, 'x-mesh-error')).toEqual([expect.stringMatching(/^\w+$/)]);
    expect(valuesOf(fields, 'connection')).toEqual(['close']);
  }
}

/** Nothing but the begin of what is cut may have reached the service, and its connection must end there. */
async function expectCut(orders: Recorder, cut: readonly SeenRequest[]): Promise<void> {
  const seen = orders.seen.filter(({ target }) => target !== '/alive');
  expect(seen.length, JSON.stringify(seen)).toBeLessThanOrEqual(cut.length);
  for (const [at, { method, target, body, isWhole }] of seen.entries()) {
    expect({ method, target, isWhole }).toEqual({ method: cut[at]?.method, target: cut[at]?.target, isWhole: false });
    expect(cut[at]?.body?.slice(0, body.length)).toBe(body);
  }
  for (const { bytes, closed } of orders.connections)
    if (!bytes.startsWith('GET /alive ')) await soon(closed, () => `the service’s connection is open: ${shown(bytes)}`);
}
