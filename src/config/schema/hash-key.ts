import type { z } from 'zod';
import { exactlyOne, section } from './section.js';
import { onlyTrue, text, token } from './values.js';

const kinds = ['header', 'cookie', 'query', 'sourceAddress', 'path'] as const;

/** What of a request decides where it goes; `hash-key.ts` of the room gives it its one form. */
export const hashKey = () =>
  exactlyOne(
    kinds,
    section({
      header: text('the name of a header field', token)
        .describe('The value of this header field. Istio: httpHeaderName.')
        .optional(),
      cookie: text('the name of a cookie', token)
        .describe('The value of this cookie. Istio: httpCookie; here the mesh never sets it, see `stickyCookie`.')
        .optional(),
      query: text('the name of a query parameter', /^\P{Cc}+$/u)
        .describe('The value of this parameter of the query. Istio: httpQueryParameterName.')
        .optional(),
      sourceAddress: onlyTrue()
        .describe('The address from which the client connects, without its port. Istio: useSourceIp.')
        .optional(),
      path: onlyTrue()
        .describe('The path of the request, without its query. Envoy: a hash policy on `:path`.')
        .optional(),
    }),
  );

export type HashKeyFile = z.output<ReturnType<typeof hashKey>>;
