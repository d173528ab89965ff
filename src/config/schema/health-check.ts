import { formatDuration } from '../../foundation/units.js';
import { sectionOrOff } from './section.js';
import { duration, integer, onlyTrue, text, verbatimText, withDefault } from './values.js';

/** Durations are milliseconds. */
export const healthCheckDefaults = {
  interval: 5_000,
  timeout: 1_000,
  healthyThreshold: 1,
  unhealthyThreshold: 3,
} as const;

export const healthCheck = sectionOrOff({
  path: text('a path such as `/healthz`', /^\/[!-"$-~]*$/)
    .describe(
      'Check by HTTP: a GET of this path must be answered with a status of 200 to 399. `{ path: /healthz }` is a whole health check. Kubernetes: httpGet.path.',
    )
    .optional(),
  tcp: onlyTrue()
    .describe(
      'Check by TCP: the instance must accept a connection. `{ tcp: true }` is a whole health check. In place of `path`. Kubernetes: tcpSocket.',
    )
    .optional(),
  command: verbatimText('a command line')
    .describe(
      'Check by a command, such as `pg_isready -p $PORT`: it must end with 0. The shell runs it in the directory of the service, with HOST, PORT and INSTANCE (its id) of the instance; the mesh replaces nothing in it. In place of `path`. Kubernetes: exec.command. Compose: healthcheck.test.',
    )
    .optional(),
  interval: withDefault(
    duration({ zero: 'refused' }),
    'The time between two checks of an instance. Envoy: interval.',
    formatDuration(healthCheckDefaults.interval),
  ).optional(),
  timeout: withDefault(
    duration({ zero: 'refused' }),
    'A check that takes longer has failed. Envoy: timeout.',
    formatDuration(healthCheckDefaults.timeout),
  ).optional(),
  healthyThreshold: withDefault(
    integer(1, 100),
    'So many checks in a row must succeed until an unhealthy instance gets traffic again. Envoy: healthy_threshold.',
    healthCheckDefaults.healthyThreshold,
  ).optional(),
  unhealthyThreshold: withDefault(
    integer(1, 100),
    'So many checks in a row must fail until a healthy instance gets no more traffic. Envoy: unhealthy_threshold.',
    healthCheckDefaults.unhealthyThreshold,
  ).optional(),
});
