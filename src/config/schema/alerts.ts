import { z } from 'zod';
import { formatDuration } from '../../foundation/units.js';
import { condition } from './alert-condition.js';
import { dictionary, exactlyOne, list, section } from './section.js';
import { serviceName } from './service-name.js';
import { anyText, choice, duration, expect, text, verbatimText, withDefault } from './values.js';

export const alertDefaults = {
  /** Milliseconds. */
  for: 0,
  keepFiringFor: 0,
} as const;

const webhook = text('an http or https URL', /^https?:\/\/\S+$/).refine((url) => URL.canParse(url), {
  error: expect('an http or https URL'),
});

const receiver = exactlyOne(
  ['webhook', 'command'],
  section({
    webhook: webhook
      .describe(
        'The URL that each change is posted to, in the form of Alertmanager’s webhooks. Alertmanager: webhook_configs.url.',
      )
      .optional(),
    command: verbatimText('a command line')
      .describe(
        'A command line that is run at each change, by the shell and in the folder of this file, with the alert in its environment.',
      )
      .optional(),
  }),
);

const someReceiver = '`terminal`, `{ webhook: URL }` or `{ command: … }`';

const notify = z.union([choice(['terminal'], someReceiver), receiver], { error: expect(someReceiver) });

const alert = section({
  name: text('a name of 1 to 100 printable characters', /^(?=.*\S)\P{Cc}{1,100}$/u).describe(
    'What it is called where it is told of; each name once. Needed. Prometheus: alert.',
  ),
  service: serviceName()
    .describe(
      'The service that is watched. Default: each that can be called, apart, those that are registered later among them.',
    )
    .optional(),
  when: condition()
    .describe(
      'What is bad: a metric, one of `>`, `>=`, `<`, `<=`, `==`, `!=`, and a value. Needed. Over the last 10 seconds: `error_rate` and `success_rate` (`5%` or 0.05; without requests there is neither, and nothing fires), `requests`, `errors` and `retries` (`10/s`, `60/m`; without requests they are 0), `p50`, `p95` and `p99` (`500ms`, up to 1m; without requests there are none). Now: `in_flight` (requests under way), `queue` (requests that wait for their turn), `healthy_instances` (those that nobody checks among them) and `instances`. With an `slo`: `budget` (what is left of the error budget: `budget < 10%`) and `burn_rate` (how fast it is spent, over the last twelfth of its window; 1 spends exactly all of it). Prometheus: expr.',
    )
    .meta({ examples: ['error_rate > 5%', 'p99 > 500ms', 'requests < 1/s', 'healthy_instances < 2', 'queue > 50'] }),
  for: withDefault(
    duration({ zero: 'allowed' }),
    'How long the condition must hold without a break before the alert fires; until then it is pending. It is looked at each second. Prometheus: for.',
    formatDuration(alertDefaults.for),
  ).optional(),
  keepFiringFor: withDefault(
    duration({ zero: 'allowed' }),
    'How long the condition must not hold, without a break, before a firing alert is resolved: so that one that comes and goes is told once. Prometheus: keep_firing_for.',
    formatDuration(alertDefaults.keepFiringFor),
  ).optional(),
  labels: dictionary(
    {
      pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
      expected: 'a label name of letters, digits and _ that does not begin with a digit',
    },
    anyText('text, a number, true or false').describe('The value of the label.'),
  )
    .describe(
      'For those who are told, such as `{ severity: page }`. `alertname` and `service` are given by the mesh. Default: none. Prometheus: labels.',
    )
    .optional(),
  notify: list(
    notify.describe('Somebody who is told: `terminal`, a `webhook` or a `command`.'),
    'receivers, such as `[terminal, { webhook: "http://127.0.0.1:9093/hook" }]`',
  )
    .describe(
      'Who is told when it fires and when it is resolved: `terminal` (a line of `mesh up`), `{ webhook: URL }`, `{ command: … }`. Default `[terminal]`; `[]` tells nobody, and it is seen in `mesh alerts` and `mesh ls` alone. Alertmanager: receivers.',
    )
    .optional(),
});

export type AlertFile = z.output<typeof alert>;

export const alerts = list(
  alert.describe('What is watched for, and who is told.'),
  'alerts, such as `[{ name: slow, when: p99 > 500ms }]`',
).describe(
  'What nobody should have to watch for: each is pending, firing or resolved, as in Prometheus. Default: none. Prometheus: groups.rules.',
);
