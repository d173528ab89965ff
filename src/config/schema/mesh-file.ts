import type { z } from 'zod';
import { serviceNameExpected, serviceNamePattern } from '../../foundation/names.js';
import { admin } from './admin.js';
import { alerts } from './alerts.js';
import { defaults } from './defaults.js';
import { gateway } from './gateway.js';
import { registry } from './registry.js';
import { scenarios } from './scenarios.js';
import { dictionary, section } from './section.js';
import { seed } from './seed.js';
import { service } from './service.js';
import { telemetry } from './telemetry.js';
import { text } from './values.js';

/** The whole mesh file. A new key is a file beside this one, and a line here or in `service.ts`. */
export const meshFile = section({
  name: text('a name of 1 to 63 printable characters', /^\P{Cc}{1,63}$/u)
    .describe('The name of the mesh, where several are shown. Default: the name of the folder.')
    .optional(),
  gateway: gateway.describe('The front door: where the mesh accepts traffic for its services.').optional(),
  admin: admin.describe('The admin API, by which commands, programs and the dashboard steer the mesh.').optional(),
  registry: registry.describe('The list of what runs where.').optional(),
  telemetry: telemetry.describe('What the mesh writes down of its traffic.').optional(),
  defaults: defaults
    .describe(
      'Keys under every service. What a service says itself wins; mappings such as `timeouts` and `environment` are merged, one level deep.',
    )
    .optional(),
  services: dictionary(
    { pattern: serviceNamePattern, expected: serviceNameExpected },
    service.describe('A service: a name that can be called, and what serves it. `{}` waits for registrations.'),
  )
    .describe('The services, by name. A name is a DNS label (RFC 1123): a-z, 0-9 and -, at most 63 characters.')
    .optional(),
  seed: seed.optional(),
  scenarios: scenarios.optional(),
  alerts: alerts.optional(),
  $schema: text('the address of a JSON Schema', /\S/)
    .describe('The JSON Schema of this file, for editors that look for it here.')
    .optional(),
});

/** What a program may give in place of a mesh file. */
export type MeshOptions = z.input<typeof meshFile>;

/** A checked file: every value has its type, and only what the file says is there. */
export type MeshFile = z.output<typeof meshFile>;

export type ServiceFile = z.output<typeof service>;
