import { section } from './section.js';
import { bindHost, portOrAny, text } from './values.js';

export const gatewayDefaults = { host: '127.0.0.1', port: 8080, domain: 'localhost' } as const;

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
});

/** DNS labels, joined by dots. */
function domainPattern(): RegExp {
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
}
