import { z } from 'zod';
import { parseAddress } from '../../foundation/address.js';
import { instanceIdPattern } from '../../foundation/names.js';
import { nearest } from '../../foundation/text.js';
import { formatDuration, formatPercentage } from '../../foundation/units.js';
import { grpcStatusNames, grpcStatusPattern, readGrpcStatus } from '../grpc-status.js';
import { anonymousCaller } from './allow.js';
import { version } from './instances.js';
import { headerFields, method, pathPrefix } from './routes.js';
import { exactlyOne, list, section } from './section.js';
import { serviceName } from './service-name.js';
import { percentage } from './shares.js';
import {
  anyText,
  byteRate,
  choice,
  coded,
  contradiction,
  duration,
  expect,
  integer,
  onlyTrue,
  scalar,
  size,
  text,
  withDefault,
} from './values.js';

export const faultDefaults = {
  percentage: 1,
  /** Milliseconds. */
  jitter: 0,
  distribution: 'uniform',
} as const;

export const mockDefaults = { status: 200 } as const;

/** What a fault does: each has one of them. */
const effects = [
  'delay',
  'abort',
  'reset',
  'throttle',
  'slowClose',
  'truncate',
  'corrupt',
  'blackhole',
  'mock',
] as const;

const abortExpected = 'a status from 200 to 599, or one of gRPC such as `grpc:UNAVAILABLE` or `grpc:14`';

const grpcStatus = coded(abortExpected, grpcStatusPattern, {
  read: (value): { readonly grpcStatus: number } => ({ grpcStatus: readGrpcStatus(value) }),
  hintFor: (value) => {
    const near = nearest(value.replace(/^grpc:/i, ''), grpcStatusNames);
    return near === undefined ? undefined : `did you mean \`grpc:${near}\`?`;
  },
});

const resetExpected = '`before-head`, or a size such as `10KiB`';

const beforeHead = scalar(
  z.literal('before-head', { error: expect(resetExpected) }).transform((): { readonly after: undefined } => ({
    after: undefined,
  })),
  (value) => value,
);

const mock = section({
  status: withDefault(integer(200, 599), 'The status of the answer.', mockDefaults.status).optional(),
  headers: headerFields('The value of the field.')
    .describe('Header fields of the answer: name → value. The mesh adds Content-Length. Default: none.')
    .optional(),
  body: anyText('text (JSON in quotes)')
    .describe('The body of the answer, as text. Default: empty, or what is in `file`.')
    .optional(),
  file: text('a file', /\S/)
    .describe('A file with the body, against the folder of the mesh file; it is read at each request. Default: none.')
    .optional(),
}).superRefine(({ status = mockDefaults.status, headers = {}, body, file }, context) => {
  if (body !== undefined && file !== undefined) {
    context.addIssue(contradiction('either `body` or `file`, not both', ['file']));
  }
  if (bodiless.has(status) && (body !== undefined || file !== undefined)) {
    context.addIssue(
      contradiction(`an answer of status ${status} has no body`, [file === undefined ? 'body' : 'file']),
    );
  }
  for (const name of Object.keys(headers).filter((field) => framing.has(field.toLowerCase()))) {
    context.addIssue(contradiction(`the mesh says \`${name}\` itself`, ['headers', name]));
  }
});

/** RFC 9110 §6.4.1 */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

/** How a message is framed is for whoever writes it to the connection. */
const framing: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive']);

const instanceExpected = 'the id or the address of an instance, such as `orders-1` or `127.0.0.1:4001`';

const match = section({
  path: pathPrefix()
    .describe(
      'The beginning of the path, in whole segments, as of a route: `/api` matches `/api/x`, not `/apix`. Default: every path. Istio: uri.prefix.',
    )
    .optional(),
  method: method().describe('The method of the request. Default: any. Istio: method.').optional(),
  headers: headerFields('The exact value of the field.')
    .describe('Header fields that the request must have: name → exact value. Default: none. Istio: headers.')
    .optional(),
  caller: serviceName()
    .describe(
      `The service that calls, or \`${anonymousCaller}\` for whoever the mesh does not know. Default: any. Istio: sourceLabels. Envoy: downstream_nodes.`,
    )
    .optional(),
  version: version()
    .describe('The version of the instance that is called. Default: any. Istio: a subset of the destination.')
    .optional(),
  instance: text(instanceExpected, /^[A-Za-z0-9._:[\]-]+$/)
    .refine((value) => instanceIdPattern.test(value) || parseAddress(value) !== undefined, {
      error: expect(instanceExpected),
    })
    .describe('The id or the address of the instance that is called. Default: any.')
    .optional(),
});

const fault = exactlyOne(
  effects,
  section({
    delay: duration({ zero: 'allowed' })
      .describe(
        'The attempt begins so much later. Envoy: delay.fixed_delay. Istio: fault.delay.fixedDelay. Toxiproxy: latency.',
      )
      .optional(),
    jitter: withDefault(
      duration({ zero: 'allowed' }),
      'How much the delay varies by chance; what that means says `distribution`. Belongs to `delay`. Toxiproxy: jitter of latency.',
      formatDuration(faultDefaults.jitter),
    ).optional(),
    distribution: withDefault(
      choice(['uniform', 'normal', 'exponential']),
      'How the jitter is drawn: `uniform` (the delay ± jitter), `normal` (jitter is the standard deviation), `exponential` (jitter is the mean of what is added). Belongs to `jitter`. Toxiproxy: uniform.',
      faultDefaults.distribution,
    ).optional(),
    abort: z
      .union([integer(200, 599, abortExpected).transform((status) => ({ status })), grpcStatus], {
        error: expect(abortExpected),
      })
      .describe(
        'The attempt is answered with this status in place of the instance: 200 to 599, or a status of gRPC as `grpc:UNAVAILABLE` or `grpc:14`. Envoy: abort. Istio: fault.abort.httpStatus, grpcStatus.',
      )
      .optional(),
    reset: z
      .union([beforeHead, size().transform((after) => ({ after }))], { error: expect(resetExpected) })
      .describe(
        'The connection of the client is reset: `before-head`, or behind so many bytes of the body of the answer, such as `10KiB`. Toxiproxy: reset_peer.',
      )
      .optional(),
    throttle: byteRate()
      .describe(
        'The body of the answer comes at so many bytes per second, such as `64KiB/s`. Envoy: response_rate_limit. Toxiproxy: bandwidth.',
      )
      .optional(),
    slowClose: duration({ zero: 'refused' })
      .describe('The end of the answer comes so much behind its last byte. Toxiproxy: slow_close.')
      .optional(),
    truncate: size()
      .describe(
        'The connection is closed, in good order, behind so many bytes of the body of the answer. Toxiproxy: limit_data.',
      )
      .optional(),
    corrupt: percentage()
      .describe('This share of the bytes of the body of the answer is changed, and one of them at least.')
      .optional(),
    blackhole: onlyTrue()
      .describe('Nothing ever comes, until a timeout ends the attempt. Toxiproxy: timeout, with 0.')
      .optional(),
    mock: mock
      .describe(
        'The attempt is answered in place of the instance: `{ status: 200, headers: { … }, body: "text" }`, or with the `file` of a body. Envoy: direct_response. Istio: directResponse.',
      )
      .optional(),
    percentage: withDefault(
      percentage(),
      'How many of the attempts that match meet the fault. In Istio, to leave it out is nobody; here it is everybody. Envoy and Istio: percentage. Toxiproxy: toxicity.',
      formatPercentage(faultDefaults.percentage),
    ).optional(),
    match: match
      .describe('Which attempts meet the fault: all that is given must match. Default: all of them. Istio: match.')
      .optional(),
  }),
).superRefine((value, context) => {
  const { delay, jitter, distribution = faultDefaults.distribution } = value;
  const effect = effects.find((key) => value[key] !== undefined);
  const ofDelay = (['jitter', 'distribution'] as const).find((key) => value[key] !== undefined);
  if (effect === undefined || ofDelay === undefined) return;
  if (delay === undefined) {
    context.addIssue(contradiction(`\`${ofDelay}\` belongs to \`delay\`, not to \`${effect}\``, [ofDelay]));
  } else if (jitter === undefined) {
    context.addIssue(contradiction('`distribution` is that of `jitter`, and there is none', ['distribution']));
  } else if (distribution === 'uniform' && jitter > delay) {
    const [most, time] = [formatDuration(jitter), formatDuration(delay)];
    context.addIssue(
      contradiction(`a uniform \`jitter\` of ${most} is longer than the \`delay\` of ${time}`, ['jitter']),
    );
  }
});

export type FaultFile = z.output<typeof fault>;

export const aFault = fault.describe('One fault, of one kind.');

export const faults = list(aFault, 'faults, such as `[{ delay: 300ms, percentage: 10% }]`').describe(
  'Trouble that is made on purpose, for attempts to reach the service: retries, timeouts, the circuit breaker and outlier detection feel it as that of the service. In their order; an attempt may meet several. A request that sends `x-mesh-fault` is told in its answer which it has met. Default: none. `[]` is none. Envoy: the filter fault. Istio: fault. Toxiproxy: toxics.',
);
