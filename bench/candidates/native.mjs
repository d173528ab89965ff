import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nginxArguments } from '../lib/nginx.mjs';

/**
 * The gateways that are no Node programs, with one worker each, connections to the upstream kept, and no log of requests.
 * Each writes its configuration into `folder` and returns how it is run there.
 */
export function nginx({ folder, port, upstream }) {
  const http = `
      upstream shop { server 127.0.0.1:${upstream}; keepalive 512; keepalive_requests 1000000000; }
      map $http_upgrade $connection_wanted { default upgrade; '' ''; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://shop;
          proxy_http_version 1.1;
          proxy_set_header Host $host;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_wanted;
          proxy_max_temp_file_size 0; # a large answer is not written to the disk
        }
      }`;
  return { args: nginxArguments(folder, http) };
}

export function haproxy({ folder, port, upstream }) {
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend door
  bind 127.0.0.1:${port}
  default_backend shop
backend shop
  server one 127.0.0.1:${upstream}
`,
  );
  return { args: ['-db', '-q', '-f', file] };
}

export function caddy({ folder, port, upstream }) {
  const file = join(folder, 'Caddyfile');
  writeFileSync(
    file,
    `
{
	admin off
	auto_https off
	log {
		level ERROR
	}
}
http://:${port} {
	bind 127.0.0.1
	reverse_proxy 127.0.0.1:${upstream} {
		transport http {
			keepalive_idle_conns_per_host 512
			compression off
		}
	}
}
`,
  );
  const env = { GOMAXPROCS: '1', HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  return { args: ['run', '--adapter', 'caddyfile', '--config', file], env };
}
