import type { MirrorConfig } from '../config/policy-configs.js';
import { Body } from '../exchange/body.js';
import { Exchange } from '../exchange/exchange.js';
import type { Handler, Layer } from '../exchange/layer.js';
import type { Clock } from '../foundation/clock.js';
import { messageOf } from '../foundation/errors.js';
import type { Random } from '../foundation/random.js';
import { AnswerDigest } from './answer-digest.js';
import type { MirrorBook } from './mirror-book.js';

/** Bytes of a request's body that are kept for the mirror; a longer one is not mirrored. */
const bodyLimit = 64 * 1024;

/** Copies under way at once: a mirror that hangs must not collect more. */
const most = 64;

export interface MirrorRooms {
  readonly clock: Clock;
  readonly random: Random;
  /** Carries the copy to whom it is for. */
  readonly send: Handler;
  readonly book: MirrorBook;
}

/**
 * Sends a copy of a share of the requests to another version or service, once the original is answered: so it never slows
 * or breaks that. What the mirror answers is thrown away, but compared with what the client got.
 */
export function mirror(config: MirrorConfig, { clock, random, send, book }: MirrorRooms): Layer {
  return async (exchange, next) => {
    const { request } = exchange;
    const isChosen = random() < config.percentage && request.upgrade === undefined;
    if (!isChosen) return next();
    request.body.keepForReplay(bodyLimit);
    await next();
    const { response } = exchange;
    if (response === undefined) return;
    const primary = new AnswerDigest(response);
    exchange.onFinish((outcome) => {
      const chunks = request.body.replayable;
      if (outcome.kind !== 'answered') return;
      if (chunks === undefined || !request.body.isComplete || book.underWay >= most) return book.skip();
      const copy = copyOf(exchange, config, Buffer.concat(chunks), clock);
      void sendCopy(copy, send, book, { primary, took: clock.monotonic() - exchange.startedAt, clock });
    });
  };
}

interface Original {
  readonly primary: AnswerDigest;
  /** Milliseconds. */
  readonly took: number;
  readonly clock: Clock;
}

async function sendCopy(
  copy: Exchange,
  send: Handler,
  book: MirrorBook,
  { primary, took, clock }: Original,
): Promise<void> {
  book.begin();
  try {
    await send(copy);
    if (copy.response === undefined) throw new Error('it became a tunnel');
    const mirrored = new AnswerDigest(copy.response);
    const isWhole = await delivered(copy.response.body);
    if (!isWhole) throw new Error('its answer broke off');
    copy.finish({ kind: 'answered', status: copy.response.status });
    book.compare({
      method: copy.request.method,
      target: copy.request.target,
      primary: primary.seen(took),
      mirrored: mirrored.seen(clock.monotonic() - copy.startedAt),
    });
  } catch (thrown) {
    copy.finish({ kind: 'abandoned' });
    book.fail(messageOf(thrown));
  }
}

function copyOf(original: Exchange, { target }: MirrorConfig, body: Buffer, clock: Clock): Exchange {
  const { arrival, client, request, upstreamTarget, service } = original;
  const fields = request.fields.copy();
  const copy = new Exchange(arrival, client, { ...request, fields, body: Body.of(body) }, clock.monotonic());
  copy.service = target.kind === 'service' ? target.service : service;
  copy.version = target.kind === 'version' ? target.version : undefined;
  copy.upstreamTarget = upstreamTarget;
  return copy;
}

/** Reads all and throws it away. */
function delivered(body: Body): Promise<boolean> {
  return new Promise((resolve) => {
    body.pipe({ write: () => true, end: () => resolve(true), fail: () => resolve(false) });
  });
}
