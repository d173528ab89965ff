import type { FaultEffect } from '../../config/shaping-configs.js';
import { attempt } from '../../exchange/attempt.js';
import type { Body } from '../../exchange/body.js';
import type { AbortListener, Exchange, ExchangeResponse } from '../../exchange/exchange.js';
import type { Handler, Layer } from '../../exchange/layer.js';
import type { Clock } from '../../foundation/clock.js';
import { MeshError } from '../../foundation/errors.js';
import { pacedBy } from '../bandwidth/bandwidth.js';
import { BreakOffStep } from './break-off-step.js';
import { CorruptStep } from './corrupt-step.js';
import { delayTime } from './delay-time.js';
import { abortAnswer, grpcAbortAnswer, mockAnswer } from './fault-answer.js';
import type { FaultBook, Met } from './fault-book.js';
import { SlowCloseStep } from './slow-close-step.js';

/**
 * Trouble on demand. It stands between the instance and all that judges it, so that retries, timeouts, breakers and outlier
 * detection take it for the instance's own. Delays come first, then what stands in for the answer (the first of several),
 * then what happens to the answer's body, in the order of the faults. Envoy: the fault filter.
 *
 * Whoever is held up when the faults are lifted goes on.
 *
 * @throws fault_injected for a reset, or what ended the attempt while it was held up
 */
export function faults(book: FaultBook, clock: Clock): Layer {
  return (exchange, next) => {
    const met = book.meet(exchange);
    return met.length === 0 ? next(exchange) : troubled(met, exchange, next, book, clock);
  };
}

async function troubled(met: readonly Met[], exchange: Exchange, next: Handler, book: FaultBook, clock: Clock) {
  exchange.meet(
    met.map(({ fault }) => fault),
    clock.monotonic(),
  );
  await heldUp(met, exchange, book, clock);
  await answered(met, exchange, next, clock);
  if (exchange.response !== undefined)
    for (const each of met) harm(exchange.response.body, each, exchange, book, clock);
}

/** By delays, one behind the other, or without end by a blackhole; when the faults are lifted, no longer. */
async function heldUp(met: readonly Met[], exchange: Exchange, book: FaultBook, clock: Clock): Promise<void> {
  let time = 0;
  for (const { fault, random } of met) {
    if (fault.effect.kind === 'delay') time += delayTime(fault.effect, random);
    if (fault.effect.kind === 'blackhole') time = Infinity;
  }
  if (time === 0) return;
  const since = clock.monotonic();
  const hold = book.hold(time);
  try {
    await unlessAborted(exchange, hold.over);
  } catch (thrown) {
    await attempt(exchange, clock, Promise.reject(thrown)); // it was the instance's, as far as others can tell
  } finally {
    hold.leave();
    exchange.waited('fault', since, clock.monotonic());
  }
}

/** By what stands in for the instance, or by the instance. */
function answered(met: readonly Met[], exchange: Exchange, next: Handler, clock: Clock): Promise<void> {
  const standIn = met.map(({ fault }) => standInOf(fault.effect)).find((each) => each !== undefined);
  return standIn === undefined ? next(exchange) : attempt(exchange, clock, standIn(exchange));
}

/** Resolves with the status of the answer that it has set. */
type StandIn = (exchange: Exchange) => Promise<number>;

function standInOf(effect: FaultEffect): StandIn | undefined {
  switch (effect.kind) {
    case 'abort':
      return answering((exchange) => abortAnswer(exchange, effect.status));
    case 'grpc-abort':
      return answering((exchange) => grpcAbortAnswer(exchange, effect.grpcStatus));
    case 'mock':
      return answering((exchange) => mockAnswer(exchange, effect.answer));
    case 'reset':
      return effect.after === undefined ? resetting : undefined;
    default:
      return undefined;
  }
}

function answering(make: (exchange: Exchange) => ExchangeResponse | Promise<ExchangeResponse>): StandIn {
  return async (exchange) => {
    const response = await unlessAborted(exchange, make(exchange));
    exchange.response = response;
    return response.status;
  };
}

async function resetting(exchange: Exchange): Promise<never> {
  exchange.breaksOff = 'by-reset';
  throw new MeshError('fault_injected', `A fault of \`${exchange.service}\` resets the connection`);
}

/** What it does to the body of the answer. What breaks it off counts the bytes that the client gets. */
function harm(body: Body, { fault, random }: Met, exchange: Exchange, book: FaultBook, clock: Clock): void {
  const { effect } = fault;
  switch (effect.kind) {
    case 'throttle':
      body.through(pacedBy(book.pacerFor(exchange, effect.rate)));
      break;
    case 'slow-close':
      body.through((rooms) => new SlowCloseStep(effect.time, clock, rooms));
      break;
    case 'corrupt':
      if (effect.share > 0) body.through((rooms) => new CorruptStep(effect.share, random, rooms));
      break;
    case 'truncate':
      body.throughLast((rooms) => new BreakOffStep(effect.after, 'in-order', exchange, rooms));
      break;
    case 'reset': {
      const { after } = effect;
      if (after !== undefined) body.throughLast((rooms) => new BreakOffStep(after, 'by-reset', exchange, rooms));
    }
  }
}

/** @throws what ended the attempt before it was there */
async function unlessAborted<Value>(exchange: Exchange, value: Value | Promise<Value>): Promise<Value> {
  let giveUp: AbortListener = () => {};
  const aborted = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  exchange.onAttemptAbort(giveUp);
  try {
    return await Promise.race([value, aborted]);
  } finally {
    exchange.offAttemptAbort(giveUp);
  }
}
