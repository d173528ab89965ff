import type { z } from 'zod';
import { serviceNameExpected, serviceNamePattern } from '../../foundation/names.js';
import { aFault } from './faults.js';
import { dictionary, exactlyOne, list, section } from './section.js';
import { serviceName } from './service-name.js';
import { shapeKeyNames, shapeKeys } from './shape.js';
import { contradiction, duration } from './values.js';

/** In the place of a service: all of them. */
export const everyService = 'all';

const says = ['fault', ...shapeKeyNames] as const;

const step = exactlyOne(
  ['service', 'clear'],
  section({
    at: duration({ zero: 'allowed' }).describe('When, from the beginning of the scenario: `0s`, `1m30s`. Needed.'),
    service: serviceName()
      .describe('The service that is shaped, in place of what was said of it at run time before.')
      .optional(),
    fault: aFault.describe('One fault of it: short for a list `faults` of one.').optional(),
    ...shapeKeys,
    clear: serviceName()
      .describe(
        `A service for which the mesh file holds again, or \`${everyService}\` for every one: what was said at run time is gone.`,
      )
      .optional(),
  }),
).superRefine((value, context) => {
  const [first] = says.filter((key) => value[key] !== undefined);
  if (value.clear !== undefined && value.service === undefined && first !== undefined) {
    context.addIssue(contradiction(`\`${first}\` needs a \`service\`, and cannot stand beside \`clear\``, [first]));
  }
  if (value.service !== undefined && value.clear === undefined && first === undefined) {
    context.addIssue(contradiction(`one of ${says.map((key) => `\`${key}\``).join(', ')} is needed here`));
  }
  if (value.fault !== undefined && value.faults !== undefined) {
    context.addIssue(contradiction('either `fault` or `faults`, not both', ['faults']));
  }
});

export type StepFile = z.output<typeof step>;

export const scenarios = dictionary(
  { pattern: serviceNamePattern, expected: serviceNameExpected.replace('a service name', 'the name of a scenario') },
  list(
    step.describe('What happens at one time.'),
    'steps, such as `[{ at: 0s, service: orders, fault: { delay: 200ms } }]`',
  ).describe('The steps of the scenario; their times need not be in order.'),
).describe(
  'What happens to services one thing after the other, by name: `mesh shape --scenario NAME` plays it. Names are as those of services. Default: none. Toxiproxy and Istio leave that to scripts.',
);
