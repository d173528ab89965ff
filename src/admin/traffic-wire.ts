import { z } from '@hono/zod-openapi';
import { hashKeyExpected, hashKeyPattern } from '../foundation/names.js';
import { shapingView } from './shaping-wire.js';

/** How requests to a service are dealt out, and what came of them, as data. */

export const circuitView = z
  .discriminatedUnion('state', [
    z.object({
      state: z.literal('closed'),
      failures: z.number().int().describe('In the window.'),
      requests: z.number().int().describe('In the window.'),
    }),
    z.object({
      state: z.literal('open'),
      until: z.number().describe('Milliseconds since 1970: then requests are let through to see whether it is well.'),
      because: z.string().describe('`5 failures in a row`, `62 % of 40 requests failed`.'),
    }),
    z.object({
      state: z.literal('half-open'),
      underWay: z.number().int().describe('Probes that are under way.'),
      succeeded: z.number().int().describe('Probes that have succeeded.'),
    }),
  ])
  .openapi('Circuit');

export const ejectionView = z
  .object({
    until: z.number().describe('Milliseconds since 1970: then it gets requests again.'),
    reason: z.string(),
  })
  .openapi('Ejection');

export const splitView = z
  .object({
    shares: z.record(z.string(), z.number()).describe('Version → share (0–1).'),
    by: z
      .string()
      .nullable()
      .describe('What of a request decides, such as `cookie:user`; null where each is dealt out by itself.'),
    isOverride: z.boolean().describe('It was said at run time, in place of what the mesh file says.'),
  })
  .openapi('Split');

const answerView = z.object({
  status: z.number().int(),
  contentType: z.string(),
  bytes: z.number().int(),
  hash: z.string().describe('Of the body.'),
  duration: z.number().describe('Milliseconds to the last byte.'),
});

export const mirrorView = z
  .object({
    target: z.string().describe('`version v2`, `service orders-next`.'),
    compared: z.number().int().describe('Requests that both sides have answered.'),
    different: z.number().int().describe('Of these, those with another status, content type or body.'),
    differences: z.object({
      status: z.number().int(),
      contentType: z.number().int(),
      body: z.number().int(),
    }),
    failed: z.number().int().describe('Copies that were not answered.'),
    lastFailure: z.string().nullable(),
    skipped: z
      .number()
      .int()
      .describe('Requests that were not copied: their body was too long, or too many were under way.'),
    meanDuration: z.object({
      primary: z.number().nullable().describe('Milliseconds.'),
      mirrored: z.number().nullable().describe('Milliseconds.'),
    }),
    samples: z
      .array(
        z.object({
          method: z.string(),
          target: z.string(),
          differs: z.array(z.enum(['status', 'content-type', 'body'])),
          primary: answerView,
          mirrored: answerView,
        }),
      )
      .describe('The last differing answers, oldest first.'),
  })
  .openapi('Mirror');

export const trafficView = z
  .object({
    loadBalancer: z.string().describe('The policy, and what it goes by.'),
    panicking: z.boolean().describe('So few instances are healthy that all of them get requests.'),
    split: splitView.nullable(),
    circuit: circuitView.nullable().describe('That of the whole service; null where there is none.'),
    retries: z
      .object({
        requests: z.number().int().describe('Requests of the last ten seconds.'),
        retries: z.number().int().describe('How often one of them was tried again.'),
        refused: z.number().int().describe('How often one would have been, but for the budget.'),
      })
      .nullable()
      .describe('null where nothing is tried again.'),
    connections: z
      .object({
        used: z.number().int(),
        limit: z.number().int(),
        waiting: z.number().int().describe('Requests that wait for one.'),
      })
      .nullable()
      .describe('null where they are not limited.'),
    mirror: mirrorView.nullable(),
    shaping: shapingView,
  })
  .openapi('Traffic');

/** Weights or percentages by version; they need not sum to anything. */
export const splitBody = z
  .strictObject({
    versions: z
      .record(z.string().min(1).max(64), z.number().min(0).max(1_000_000))
      .refine((weights) => Object.values(weights).some((weight) => weight > 0), 'no version has a share')
      .describe('Version → weight; only their proportions count.'),
    by: z
      .string()
      .regex(hashKeyPattern, `expected ${hashKeyExpected}`)
      .optional()
      .describe(`What of a request decides: ${hashKeyExpected}. Default: each request is dealt out by itself.`),
  })
  .openapi('SplitRequest');

export type CircuitView = z.infer<typeof circuitView>;
export type SplitView = z.infer<typeof splitView>;
export type MirrorView = z.infer<typeof mirrorView>;
export type TrafficView = z.infer<typeof trafficView>;
export type SplitBody = z.input<typeof splitBody>;
