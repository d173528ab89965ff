import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a whole configuration of one nginx worker into the folder, around what is said of `http`.
 *
 * @returns the arguments with which nginx runs it, touching nothing outside of the folder
 */
export function nginxArguments(folder, http) {
  const file = join(folder, 'nginx.conf');
  const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    file,
    `
    daemon off;
    worker_processes 1;
    worker_rlimit_nofile 8192;
    pid ${folder}/nginx.pid;
    error_log stderr crit;
    ${process.getuid() === 0 ? 'user root;' : ''} # else a worker of root's would be somebody who may not read the folder
    events { worker_connections 4096; }
    http {
      access_log off;
      ${bodies.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n      ')}
      keepalive_requests 1000000000;
      ${http}
    }`,
  );
  return ['-p', folder, '-e', 'stderr', '-c', file];
}
