import { z } from '@hono/zod-openapi';
import { schemaVersion } from './schema-version.js';

/** What became of requests, as data. */

const attemptView = z.object({
  instance: z.string(),
  version: z.string().nullable(),
  begun: z.number().describe('Milliseconds behind the beginning of the exchange.'),
  duration: z.number().nullable().describe('Milliseconds to the head of its answer, or to its failure.'),
  status: z.number().int().nullable(),
  code: z.string().nullable().describe('Why there is no status.'),
  message: z.string().nullable(),
});

export const exchangeView = z
  .object({
    sequence: z.number().int().describe('Counts up: ask for those after it.'),
    id: z.string().describe('What the client and the service know it by: `x-request-id`.'),
    traceId: z.string().describe('32 hexadecimal digits (W3C Trace Context); empty where it belongs to no trace.'),
    at: z.number().describe('Milliseconds since 1970, when its head was whole.'),
    duration: z.number().describe('Milliseconds, to the last byte of the answer.'),
    service: z.string().nullable(),
    version: z.string().nullable(),
    route: z.string().nullable().describe('As the mesh file has it; null where the service was found by its name.'),
    caller: z.string().nullable().describe('The service that called; null where the mesh does not know it.'),
    client: z.string().describe('The address of the client.'),
    method: z.string(),
    authority: z.string().describe('Host and port that were asked for.'),
    target: z.string().describe('Path and query.'),
    outcome: z
      .enum(['answered', 'refused', 'cut', 'abandoned'])
      .describe('refused: the mesh answered; cut: the answer broke off; abandoned: the client left.'),
    status: z.number().int().nullable().describe('null where no answer began.'),
    code: z.string().nullable().describe('Why the mesh answered itself: a code of the table of errors.'),
    waits: z.array(
      z.object({
        kind: z.enum(['arrivals', 'rate-limit', 'concurrency', 'connection-pool', 'start', 'backoff', 'fault']),
        duration: z.number().describe('Milliseconds.'),
      }),
    ),
    attempts: z.array(attemptView),
    faults: z.array(z.string()).describe('In words.'),
    bytes: z.object({ received: z.number().int(), sent: z.number().int() }).describe('Of the bodies.'),
    tunnel: z.boolean().describe('It became a WebSocket, or another protocol.'),
  })
  .openapi('Exchange');

const leftOutView = z.object({
  instance: z.string(),
  because: z
    .enum(['unhealthy', 'ejected', 'draining', 'no-weight', 'other-version', 'tried', 'circuit-open'])
    .describe('tried: already, for this exchange; no-weight: its weight is 0.'),
  detail: z.string().nullable().describe('What its check said, what it was ejected for, which version it is.'),
});

const choiceView = z
  .object({
    candidates: z.number().int().describe('Instances that could be given it.'),
    leftOut: z.array(leftOutView).describe('The others, as far as they are remembered.'),
    moreLeftOut: z.number().int().describe('How many there were beyond those.'),
    panicking: z.boolean().describe('So few were healthy that those which were not were candidates, too.'),
    inSpiteOf: z.string().nullable().describe('Where it was given to one of those: why that one was not healthy.'),
    by: z
      .enum(['only', 'sticky', 'turn', 'chance', 'requests', 'latency', 'hash'])
      .nullable()
      .describe(
        'What decided: there was only one; the client was given it before; round-robin; random; least-request; peak-ewma; ring-hash and maglev. null where nobody was left.',
      ),
    scores: z
      .array(z.object({ instance: z.string(), score: z.number() }))
      .describe(
        'Those that were drawn, the chosen one first; the lowest wins. Of `requests`: attempts under way by weight, where 1 is the mean weight. Of `latency`: milliseconds, with what is under way.',
      ),
    hash: z
      .object({
        key: z.string().describe('What of a request decides: `cookie:user`.'),
        position: z.number().int().nullable().describe('Its hash (32 bits); null: it had none, and chance decided.'),
      })
      .nullable(),
  })
  .openapi('Choice');

const circuitMetView = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('closed'), failures: z.number().int(), requests: z.number().int() }),
    z.object({ state: z.literal('half-open'), underWay: z.number().int(), succeeded: z.number().int() }),
    z.object({
      state: z.literal('open'),
      remaining: z.number().describe('Milliseconds, until requests were let through again.'),
      because: z.string(),
    }),
  ])
  .openapi('CircuitMet');

/** All that is known of one: what a list of a thousand would be too long with. */
export const exchangeStoryView = exchangeView
  .extend({
    foundBy: z
      .enum(['route', 'name', 'header', 'port', 'door'])
      .nullable()
      .describe(
        'How it came to its service: a route; its host is the name of the service; `x-mesh-service`; the port of the service; the door of the caller. null where it came to none.',
      ),
    conditions: z.array(z.string()).describe('All that the route asks for: `host shop.localhost`, `path /api`.'),
    versionBy: z
      .enum(['route', 'split', 'sticky'])
      .nullable()
      .describe('What named the version; sticky: its client was given an instance of it before. null: nothing did.'),
    attempts: z.array(
      attemptView.extend({
        choice: choiceView.nullable().describe('How the instance was found.'),
        circuit: circuitMetView
          .nullable()
          .describe('The circuit breaker that let it through, as it was; null: none does.'),
      }),
    ),
    choice: choiceView.nullable().describe('The last choice, where no attempt came of it: who there was, or was not.'),
    passedOver: z
      .array(
        z.object({
          instance: z.string().nullable().describe('null: nobody of the service was asked.'),
          attempts: z.number().int().describe('After so many attempts.'),
          circuit: circuitMetView,
        }),
      )
      .describe('Who was not asked because of a circuit breaker.'),
  })
  .openapi('ExchangeStory');

export const exchangesView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    sequence: z.number().int().describe('That of the newest exchange there is.'),
    missed: z.number().int().describe('Exchanges after the one that was named that are not remembered any more.'),
    exchanges: z.array(exchangeView).describe('In the order in which they ended.'),
  })
  .openapi('Exchanges');

/** `data` of one server-sent event; the event has the name of its type. */
export const exchangeEventView = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('live') }).describe('What follows is new. First, and once.'),
    z.object({ type: z.literal('exchange'), exchange: exchangeView }),
    z
      .object({
        type: z.literal('missed'),
        service: z.string().nullable().describe('null: of those that came to no service.'),
        count: z.number().int().describe('Exchanges that were written over before they were told, wanted or not.'),
      })
      .describe('The reader was too slow.'),
    z.object({ type: z.literal('end') }).describe('The mesh ends, and nothing more comes.'),
  ])
  .openapi('ExchangeEvent');

export type ExchangeView = z.infer<typeof exchangeView>;
export type ExchangeStory = z.infer<typeof exchangeStoryView>;
export type ChoiceView = z.infer<typeof choiceView>;
export type CircuitMetView = z.infer<typeof circuitMetView>;
export type ExchangesView = z.infer<typeof exchangesView>;
export type ExchangeEventView = z.infer<typeof exchangeEventView>;

/** Which exchanges are wanted, as the query says it: all of it must be so. */
export interface ExchangesQuery {
  readonly service?: string | undefined;
  /** `503`, `5xx`, `4xx,5xx` */
  readonly status?: string | undefined;
  /** The path and query begin so. */
  readonly path?: string | undefined;
  /** A duration, that they took at least: `200ms`. */
  readonly slow?: string | undefined;
}
