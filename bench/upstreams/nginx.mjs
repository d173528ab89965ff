import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, loadCore, temporaryFolder } from '../lib/children.mjs';
import { largeSize, paths, prefix, smallBody } from '../lib/contract.mjs';
import { nginxArguments } from '../lib/nginx.mjs';
import { accepting, freePort } from '../lib/ports.mjs';
import { findProgram } from '../lib/programs.mjs';

/** The service behind every gateway: nginx, so that it is never what limits a gateway of Node's. */
export async function startNginx() {
  const folder = temporaryFolder();
  const port = await freePort();
  writeFileSync(join(folder, 'large'), Buffer.alloc(largeSize, 'a large answer '));
  const child = new Child(loadCore, findProgram('nginx'), nginxArguments(folder, service(folder, port)));
  await accepting(port, child);
  return { child, port };
}

function service(folder, port) {
  return `
      default_type application/json;
      keepalive_timeout 300s;
      client_body_buffer_size 64k;
      sendfile on;
      open_file_cache max=10;
      server {
        listen 127.0.0.1:${port} backlog=4096;
        root ${folder};
        location = ${paths.health} { return 204; }
        location = /nowhere { internal; return 204; }
        location @received { add_header x-received $request_length; return 200 '${smallBody}'; }
        ${[prefix, ''].map((start) => locations(folder, start)).join('\n')}
      }`;
}

/** nginx answers a POST before it has read it, unless somebody needs the body: so it is mirrored to nowhere. */
function locations(folder, start) {
  return `
    location = ${start}${paths.small} { return 200 '${smallBody}'; }
    location = ${start}${paths.large} { alias ${folder}/large; }
    location = ${start}${paths.upload} { mirror /nowhere; alias ${folder}/large; error_page 405 =200 @received; }`;
}
