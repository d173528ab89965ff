import { z } from '@hono/zod-openapi';
import { schemaVersion } from './schema-version.js';

/** What became of requests, as data. */

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
        kind: z.enum(['rate-limit', 'concurrency', 'connection-pool', 'start', 'backoff', 'fault']),
        duration: z.number().describe('Milliseconds.'),
      }),
    ),
    attempts: z.array(
      z.object({
        instance: z.string(),
        version: z.string().nullable(),
        begun: z.number().describe('Milliseconds behind the beginning of the exchange.'),
        duration: z.number().nullable().describe('Milliseconds to the head of its answer, or to its failure.'),
        status: z.number().int().nullable(),
        code: z.string().nullable().describe('Why there is no status.'),
        message: z.string().nullable(),
      }),
    ),
    faults: z.array(z.string()).describe('In words.'),
    bytes: z.object({ received: z.number().int(), sent: z.number().int() }).describe('Of the bodies.'),
    tunnel: z.boolean().describe('It became a WebSocket, or another protocol.'),
  })
  .openapi('Exchange');

export const exchangesView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    sequence: z.number().int().describe('That of the newest exchange there is.'),
    missed: z.number().int().describe('Exchanges after the one that was named that are not remembered any more.'),
    exchanges: z.array(exchangeView).describe('In the order in which they ended.'),
  })
  .openapi('Exchanges');

export type ExchangeView = z.infer<typeof exchangeView>;
export type ExchangesView = z.infer<typeof exchangesView>;
