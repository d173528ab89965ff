import { formatPercentage } from '../../foundation/units.js';
import { version } from './instances.js';
import { exactlyOne, section } from './section.js';
import { serviceName } from './service-name.js';
import { percentage } from './shares.js';
import { withDefault } from './values.js';

export const mirrorDefaults = { percentage: 1 } as const;

export const mirror = exactlyOne(
  ['version', 'service'],
  section({
    version: version().describe('The version of this service whose instances get the copies.').optional(),
    service: serviceName().describe('Another service, which gets the copies.').optional(),
    percentage: withDefault(
      percentage(),
      'How many of the requests are copied. Istio: mirrorPercentage.',
      formatPercentage(mirrorDefaults.percentage),
    ).optional(),
  }),
).describe(
  'Sends copies of requests to `version` or to `service`. What comes back is compared with the answer that the caller got, and dropped; the caller never waits for it. A request whose body is larger than 64KiB is not copied. The mesh itself sends the copies: the `allow` of their target is not looked at, and they do not count for its `connectionPool` and `circuitBreaker`. Envoy: request_mirror_policies. Gateway API: RequestMirror. Istio: mirror.',
);
