import { section } from './section.js';
import { duration, integer, onlyTrue, text } from './values.js';

/** Durations are milliseconds. */
export const healthCheckDefaults = {
  interval: 5_000,
  timeout: 1_000,
  healthyThreshold: 1,
  unhealthyThreshold: 3,
} as const;

export const healthCheck = section({
  path: text('a path such as `/healthz`', /^\/[!-"$-~]*$/)
    .describe(
      'Check by HTTP: a GET of this path must be answered with a status of 200 to 399. `{ path: /healthz }` is a whole health check. Kubernetes: httpGet.path.',
    )
    .optional(),
  tcp: onlyTrue()
    .describe(
      'Check by TCP: the instance must accept a connection. `{ tcp: true }` is a whole health check. Either this or `path`. Kubernetes: tcpSocket.',
    )
    .optional(),
  interval: duration({ zero: 'refused' })
    .meta({ description: 'The time between two checks of an instance. Envoy: interval. Default 5s.', default: '5s' })
    .optional(),
  timeout: duration({ zero: 'refused' })
    .meta({ description: 'A check that takes longer has failed. Envoy: timeout. Default 1s.', default: '1s' })
    .optional(),
  healthyThreshold: integer(1, 100)
    .meta({
      description:
        'So many checks in a row must succeed until an unhealthy instance gets traffic again. Envoy: healthy_threshold. Default 1.',
      default: healthCheckDefaults.healthyThreshold,
    })
    .optional(),
  unhealthyThreshold: integer(1, 100)
    .meta({
      description:
        'So many checks in a row must fail until a healthy instance gets no more traffic. Envoy: unhealthy_threshold. Default 3.',
      default: healthCheckDefaults.unhealthyThreshold,
    })
    .optional(),
});
