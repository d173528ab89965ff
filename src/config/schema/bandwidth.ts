import { z } from 'zod';
import { section } from './section.js';
import { byteRate, choice, contradiction, expect, onlyFalse, withDefault } from './values.js';

export const bandwidthDefaults = { per: 'exchange' } as const;

const expected = 'a mapping with `up`, `down` or both';

const mapping = section({
  up: byteRate()
    .describe(
      'Bytes per second of the bodies of requests, such as `64KiB/s`. Default: without limit. Toxiproxy: the toxic bandwidth, upstream, in KB/s. NGINX: proxy_upload_rate of streams.',
    )
    .optional(),
  down: byteRate()
    .describe(
      'Bytes per second of the bodies of answers, such as `1MiB/s`. Default: without limit. Toxiproxy: the toxic bandwidth, downstream, in KB/s. NGINX: limit_rate.',
    )
    .optional(),
  per: withDefault(
    choice(['exchange', 'service']),
    'Who has that much: each `exchange` (a request and its answer), or all those of the `service` together. NGINX and Toxiproxy count each, the filter bandwidth_limit of Envoy all.',
    bandwidthDefaults.per,
  ).optional(),
}).superRefine(({ up, down }, context) => {
  if (up === undefined && down === undefined) context.addIssue(contradiction('`up`, `down` or both are needed here'));
});

export type BandwidthFile = z.output<typeof mapping>;

const description =
  'Slows down the bodies of requests (`up`) and answers (`down`), as a line of that many bytes per second would. Envoy: the filter bandwidth_limit. Toxiproxy: bandwidth. NGINX: limit_rate.';

/** Where there is nothing to be switched off. */
export const bandwidthAlone = mapping.describe(description);

export const bandwidth = z
  .union([onlyFalse(), mapping], { error: expect(`${expected}, or \`false\``) })
  .describe(`${description} Default: none. \`false\` switches off what \`defaults\` say.`);
