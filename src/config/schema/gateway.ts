import { section } from './section.js';
import { bindHost, integer, portOrAny, size, text, withDefault } from './values.js';

export const gatewayDefaults = {
  host: '127.0.0.1',
  port: 8080,
  domain: 'localhost',
  /** As many as a laptop's programs have open by mistake before it hurts; each costs the gateway about 10 KB and two files. */
  maxConnections: 4_096,
  maxRequestBytes: 0,
} as const;

export const gateway = section({
  host: bindHost()
    .meta({
      description:
        "The address on which the gateway and the services' `listen` ports accept traffic. Anything but a loopback address opens the mesh to the network, and then the admin API needs a token. Default 127.0.0.1.",
      default: gatewayDefaults.host,
    })
    .optional(),
  port: portOrAny()
    .meta({
      description:
        'The port of the front door, where every exposed service is reached by host name or route. 0 takes any free port. A port that is named here must be free; without this key the default moves to the next free one. Default 8080.',
      default: gatewayDefaults.port,
    })
    .optional(),
  domain: text('a domain name such as `localhost` or `mesh.test`', domainPattern())
    .meta({
      description:
        'Each exposed service is reached as `<service>.<domain>` on the front door. Names below `localhost` resolve to this machine without any set-up. Default localhost.',
      default: gatewayDefaults.domain,
    })
    .optional(),
  maxConnections: withDefault(
    integer(1, 1_000_000),
    'How many connections of clients the gateway has at most, over all its ports. One more is answered with a 503 and closed. Envoy: the overload manager’s max_active_downstream_connections.',
    gatewayDefaults.maxConnections,
  ).optional(),
  maxRequestBytes: withDefault(
    size(),
    'How large the body of a request may be; a larger one is answered with a 413. 0 is without limit. Envoy: the buffer filter’s max_request_bytes. nginx: client_max_body_size.',
    gatewayDefaults.maxRequestBytes,
  ).optional(),
});

/** DNS labels, joined by dots. */
function domainPattern(): RegExp {
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
}
