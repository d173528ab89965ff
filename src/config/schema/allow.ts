import { list } from './section.js';
import { serviceName } from './service-name.js';

/** Stands for every caller that the mesh does not know. No service has this name. */
export const anonymousCaller = 'anonymous';

export const allow = list(
  serviceName().describe(`A service of this mesh file, or \`${anonymousCaller}\`.`),
  `callers, such as \`[web, ${anonymousCaller}]\``,
).describe(
  "Who may call the service; others get a 403. Services are known by the door they call through (ORDERS_URL), `anonymous` is whoever comes by the front door or the service's own port. An empty list allows nobody. Default: everybody. Istio: AuthorizationPolicy with action ALLOW.",
);
