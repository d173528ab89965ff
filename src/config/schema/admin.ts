// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { section } from './section.js';
import { bindHost, portOrAny, text } from './values.js';

export const adminDefaults = { host: '127.0.0.1', port: 8081, token: 'auto' } as const;

export const admin = section({
  host: bindHost()
    .meta({
      description:
        'The address of the admin API, by which the command line and the dashboard steer the mesh. Anything but a loopback address needs a token. Default 127.0.0.1.',
      default: adminDefaults.host,
    })
    .optional(),
  port: portOrAny()
    .meta({
      description:
        'The port of the admin API. 0 takes any free port. A port that is named here must be free; without this key the default moves to the next free one. Default 8081.',
      default: adminDefaults.port,
    })
    .optional(),
  token: text(
    '`auto`, `none`, or a token of 8 to 256 characters of A-Z, a-z, 0-9 and -._~+/=',
    /^(?:auto|none|[A-Za-z0-9._~+/=-]{8,256})$/,
  )
    .meta({
      description:
        'What callers of the admin API must present as a bearer token. `auto`: a new secret at each start, in .mesh/run.json, where the command line finds it. `none`: no token, for loopback addresses only. Anything else is the token itself (RFC 6750); better read it from the environment: `${MESH_TOKEN}`. Default auto.',
      default: adminDefaults.token,
    })
    .optional(),
});
