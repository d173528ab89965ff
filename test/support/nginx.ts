import { mkdir, writeFile } from 'node:fs/promises';
import type { Address } from '../../src/foundation/address.js';
import { freePort } from './free-port.js';
import { Folder, Program } from './tools.js';

/** A real nginx on a free port of 127.0.0.1, with a folder of its own. */
export class Nginx implements AsyncDisposable {
  readonly address: Address;
  readonly #folder: Folder;
  readonly #program: Program;

  private constructor(address: Address, folder: Folder, program: Program) {
    this.address = address;
    this.#folder = folder;
    this.#program = program;
  }

  /** @param directives what stands in its `server` block @param files what lies at its root */
  static async start(directives: string, files: Readonly<Record<string, Buffer>> = {}): Promise<Nginx> {
    const folder = await Folder.make();
    const port = await freePort();
    await mkdir(folder.file('www'));
    for (const [name, content] of Object.entries(files)) await writeFile(folder.file(`www/${name}`), content);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder.file(name)};`,
    );
    await writeFile(
      folder.file('nginx.conf'),
      `daemon off;
       master_process off; # one process, which is the one that is ended
       worker_processes 1;
       pid ${folder.file('pid')};
       error_log stderr notice;
       events { worker_connections 256; }
       http {
         access_log off;
         client_max_body_size 50m;
         ${temporary.join('\n')}
         server { listen 127.0.0.1:${port}; root ${folder.file('www')}; ${directives} }
       }`,
    );
    const [program] = await Program.start(
      'nginx',
      ['-p', folder.path, '-c', folder.file('nginx.conf'), '-e', 'stderr'],
      /nginx\/\d/, // the first thing that it says once it listens
    );
    return new Nginx({ host: '127.0.0.1', port }, folder, program);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}
