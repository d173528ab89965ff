import { version } from './instances.js';
import { dictionary, list, section } from './section.js';
import { anyText, choice, text, token } from './values.js';

/** Of a request target, so without a query; what is not ASCII is percent-encoded there. */
const path = /^\/[!-"$->@-~]*$/;

export const pathPrefix = () => text('a path prefix such as `/api`, without a query', path);

export const method = () => text('an HTTP method such as `GET`', token);

/** Header fields and their values, of requests that match or of an answer that is made. */
export const headerFields = (value: string) =>
  dictionary(
    { pattern: token, expected: 'the name of a header field' },
    anyText('text', /^[\t\x20-\x7e\x80-\xff]*$/).describe(value),
  );

export const routes = list(
  section({
    host: text(
      'a host name such as `shop.localhost`, `*.shop.localhost` or `*`, without a port',
      /^(?:\*|(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)$/,
    )
      .describe(
        'The host that the client asked for, without its port: a name, `*.name` for every name below it, or `*` for any. Upper and lower case are the same. Default: any. Gateway API: hostnames.',
      )
      .optional(),
    path: pathPrefix()
      .meta({
        description:
          'The beginning of the path, in whole segments: `/api` matches `/api` and `/api/x`, not `/apix`. Default: every path. Gateway API: PathPrefix.',
        default: '/',
      })
      .optional(),
    method: method().describe('The method of the request. Default: any. Gateway API: method.').optional(),
    headers: headerFields('The exact value of the field.')
      .describe('Header fields that the request must have: name → exact value. Default: none. Gateway API: headers.')
      .optional(),
    cookies: dictionary(
      { pattern: token, expected: 'the name of a cookie' },
      anyText('the value of a cookie', /^[!#-+\--:<-[\]-~]*$/).describe('The exact value of the cookie.'),
    )
      .describe('Cookies that the request must have: name → exact value. Default: none.')
      .optional(),
    query: dictionary(
      { pattern: /^\P{Cc}+$/u, expected: 'the name of a query parameter' },
      anyText('text').describe('The exact value of the parameter.'),
    )
      .describe(
        'Parameters that the query must have: name → exact value, both without percent-encoding. Default: none. Gateway API: queryParams.',
      )
      .optional(),
    rewrite: text('a path such as `/`, without a query', path)
      .describe(
        'What the service sees in place of the matched `path`: `{ path: /api, rewrite: / }` turns /api/x into /x. Default: the path stays. Gateway API: URLRewrite ReplacePrefixMatch.',
      )
      .optional(),
    to: section({
      version: version().describe('The version whose instances get it, whatever `split` says. Istio: subset.'),
    })
      .describe('Where of the service it leads: `{ version: v2 }`. Default: as `split` says. Gateway API: backendRefs.')
      .optional(),
    priority: choice(['high', 'normal', 'low'])
      .describe(
        'Who goes first where `concurrency` lets requests wait: `high` before `normal` before `low`, which is shed first. Default: what the header of `concurrency.priority` says, else normal. Envoy: priority of routes, with default and high.',
      )
      .optional(),
  }).describe('All that is given must match.'),
  'routes, such as `[{ path: /api }]`',
).describe(
  'Which requests of the front door come to this service, besides those for `<service>.<domain>`. Of several routes that match, the most specific one wins. Gateway API: HTTPRoute rules.',
);
