import { z } from 'zod';
import { formatSize } from '../../foundation/units.js';
import { section } from './section.js';
import { traces } from './traces.js';
import { choice, contradiction, expect, integer, size, text, withDefault } from './values.js';

export const accessLogDefaults = {
  /** Bytes: an editor still opens it. */
  maxSize: 10 * 1_024 ** 2,
  maxFiles: 5,
} as const;

const formats = ['off', 'text', 'json'] as const;

const mapping = section({
  format: choice(formats)
    .describe(
      '`text` is for people, `json` for programs: one object a line, with the attribute names of OpenTelemetry. Default text where there is a `file`, else off. Envoy: text_format_source, json_format. Traefik: format.',
    )
    .optional(),
  file: text('the path of a file', /\S/)
    .describe(
      'Where the lines go, instead of to the output of `mesh up`; read from the folder of this file. One that was moved away is opened anew. Envoy: path. Traefik: filePath.',
    )
    .optional(),
  maxSize: withDefault(
    size(),
    'A file that would become larger is moved to `<file>.1`, that to `<file>.2`, and so on. 0 is without limit. Docker: max-size.',
    formatSize(accessLogDefaults.maxSize),
  ).optional(),
  maxFiles: withDefault(
    integer(1, 1_000),
    'How many files there are at most, that which is written to among them; the oldest goes. Docker: max-file.',
    accessLogDefaults.maxFiles,
  ).optional(),
}).superRefine(({ file, maxSize, maxFiles }, context) => {
  if (file !== undefined) return;
  const key = maxSize === undefined ? 'maxFiles' : 'maxSize';
  if (maxSize === undefined && maxFiles === undefined) return;
  context.addIssue(contradiction(`\`${key}\` means nothing without a \`file\``, [key]));
});

export type AccessLogFile = z.output<typeof mapping>;

const short = choice(formats).transform((format): AccessLogFile => ({ format }));

export const telemetry = section({
  accessLog: z
    .union([short, mapping], {
      error: expect('`text`, `json`, `off`, or a mapping with keys such as `format` and `file`'),
    })
    .describe(
      'A line for each request, when it is over: to the output of `mesh up`, or to a file. `text`, `json`, or a mapping. Default off. Envoy: access_log. Traefik: accessLog. Istio: accessLogFile.',
    )
    .optional(),
  traces: traces
    .describe('Spans of every request and of each attempt at a service, for OpenTelemetry (W3C Trace Context, OTLP).')
    .optional(),
});
