import type { MirrorConfig } from '../config/policy-configs.js';
import { Body } from '../exchange/body.js';
import { Exchange } from '../exchange/exchange.js';
import type { Handler, Layer } from '../exchange/layer.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError, messageOf } from '../foundation/errors.js';
import type { Random } from '../foundation/random.js';
import { formatDuration } from '../foundation/units.js';
import type { SeenAnswer } from './answer-digest.js';
import { AnswerDigest } from './answer-digest.js';
import type { MirrorBook } from './mirror-book.js';

/** Bytes of a request's body that are kept for the mirror; a longer one is not mirrored. */
const bodyLimit = 64 * 1024;

/** Copies under way at once: a mirror that is slow must not collect more. */
const mostUnderWay = 64;

/** Milliseconds that a mirror may take, to the last byte of its answer. */
const copyTimeout = 15_000;

export interface MirrorRooms {
  readonly clock: Clock;
  readonly random: Random;
  /** Carries the copy to whom it is for, and brings the head of the answer. */
  readonly send: Handler;
  readonly book: MirrorBook;
  /** Aborted when the gateway closes: copies are not waited for. */
  readonly closing: AbortSignal;
}

/**
 * Sends a copy of a share of the requests to another version or service, once the original is answered: so it never slows
 * or breaks that. What the mirror answers is thrown away, but compared with what the client got.
 */
export function mirror(config: MirrorConfig, rooms: MirrorRooms): Layer {
  const { clock, random, book } = rooms;
  return async (exchange, next) => {
    const { request } = exchange;
    const isChosen = random() < config.percentage && request.upgrade === undefined;
    if (!isChosen) return next(exchange);
    request.body.keepForReplay(bodyLimit);
    await next(exchange);
    const { response } = exchange;
    if (response === undefined) return;
    const primary = new AnswerDigest(response);
    exchange.onFinish((outcome) => {
      const chunks = request.body.replayable;
      if (outcome.kind !== 'answered') return;
      if (chunks === undefined || !request.body.isComplete || book.underWay >= mostUnderWay) return book.skip();
      const seen = primary.seen(clock.monotonic() - exchange.startedAt);
      void compare(seen, copyOf(exchange, config, Buffer.concat(chunks), clock), rooms);
    });
  };
}

async function compare(primary: SeenAnswer, copy: Exchange, rooms: MirrorRooms): Promise<void> {
  const { book, closing } = rooms;
  book.begin();
  const tooLate = new MeshError('request_timeout', `it took longer than ${formatDuration(copyTimeout)}`);
  const cancel = rooms.clock.after(copyTimeout, () => copy.abort(tooLate));
  const stop = () => copy.abort(new MeshError('shutting_down'));
  closing.addEventListener('abort', stop);
  try {
    const mirrored = await answerOf(copy, rooms);
    book.compare({ method: copy.request.method, target: copy.request.target, primary, mirrored });
    copy.finish({ kind: 'answered', status: mirrored.status });
  } catch (thrown) {
    book.fail(messageOf(thrown));
    copy.finish({ kind: 'abandoned' });
  } finally {
    cancel();
    closing.removeEventListener('abort', stop);
  }
}

/** @throws what kept it from being whole */
async function answerOf(copy: Exchange, { send, clock }: MirrorRooms): Promise<SeenAnswer> {
  await send(copy);
  const { response } = copy;
  if (response === undefined) throw new MeshError('internal', 'a copy was carried without an answer');
  const digest = new AnswerDigest(response);
  if (!(await isDelivered(response.body))) throw copy.abortedBy ?? new Error('its answer broke off');
  return digest.seen(clock.monotonic() - copy.startedAt);
}

function copyOf(original: Exchange, { target }: MirrorConfig, body: Buffer, clock: Clock): Exchange {
  const { arrival, client, request, upstreamTarget, service } = original;
  const fields = request.fields.copy();
  const copy = new Exchange(arrival, client, { ...request, fields, body: Body.of(body) }, clock.monotonic());
  copy.id = original.id;
  copy.trace = original.trace;
  copy.service = target.kind === 'service' ? target.service : service;
  copy.version = target.kind === 'version' ? target.version : undefined;
  copy.upstreamTarget = upstreamTarget;
  return copy;
}

/** Reads all and throws it away. */
function isDelivered(body: Body): Promise<boolean> {
  return new Promise((resolve) => {
    body.pipe({ write: () => true, holdsNothing: true, end: () => resolve(true), fail: () => resolve(false) });
  });
}
