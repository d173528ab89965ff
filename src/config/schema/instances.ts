import { z } from 'zod';
import { parseAddress } from '../../foundation/address.js';
import {
  heaviestWeight,
  instanceIdExpected,
  instanceIdPattern,
  versionExpected,
  versionPattern,
} from '../../foundation/names.js';
import { dictionary, list, section } from './section.js';
import { anyText, expect, integer, portNumber, text } from './values.js';

export const instanceDefaults = { weight: 1 } as const;

export const version = () => anyText(versionExpected, versionPattern);

const addressExpected = 'an address such as `127.0.0.1:4001`';

/** `host:port`, or `host` alone. Names, IPv4 in full, IPv6 in brackets. */
const address = () =>
  text(addressExpected, /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?$/).refine(
    // The port is only there to be overruled: whether one is needed is known where the service's own `port` is.
    (value) => parseAddress(value, 1) !== undefined,
    { error: expect(addressExpected) },
  );

const instance = z
  .union(
    [
      address().transform((value) => ({ address: value })),
      section({
        address: address()
          .describe('`host:port`, `[::1]:port`, or a host alone where the service names a `port`.')
          .optional(),
        host: text('a host name or an IP address', /^[A-Za-z0-9[\]:._-]+$/)
          .describe('A host name or an IP address; in place of `address`.')
          .optional(),
        port: portNumber().describe('The port beside `host`. Default: the `port` of the service.').optional(),
        weight: integer(0, heaviestWeight)
          .meta({
            description:
              'Its share of the traffic beside the other instances; 0 gets none. Gateway API: weight. Default 1.',
            default: instanceDefaults.weight,
          })
          .optional(),
        version: version()
          .describe('The version that it runs, for routes and splits. Default: the `version` of the service.')
          .optional(),
        metadata: dictionary(
          { pattern: /\S/, expected: 'a name' },
          anyText('text, a number, true or false').describe('A value.'),
        )
          .describe('Anything worth knowing of it: name → text. Consul: Meta.')
          .optional(),
        id: text(instanceIdExpected, instanceIdPattern)
          .describe('Its name in the service. Default: its address, such as `127.0.0.1-4001`.')
          .optional(),
      }),
    ],
    { error: expect('an address such as `127.0.0.1:4001`, or a mapping with `address`') },
  )
  .describe('`host:port`, a host alone where the service names a `port`, or a mapping.');

export const instances = list(instance, 'instances, such as `["127.0.0.1:4001"]`').describe(
  'Addresses where the service runs already, started by somebody else. A service without instances and without a command is waited for: its instances are registered at run time.',
);
