import http from 'node:http';
import { AdminClient } from '../../src/admin/client.js';
import { AdminServer } from '../../src/admin/server.js';
import { systemClock } from '../../src/foundation/clock.js';
import { fakeControl } from './fake-control.js';

export const token = 'a-token-of-this-test';

/** An admin API on a port of its own, in front of a fake mesh. */
export async function startAdmin(options: { token?: string | undefined; host?: string } = { token }) {
  const fake = fakeControl();
  const { host = '127.0.0.1' } = options;
  const server = new AdminServer({ control: fake.control, clock: systemClock, token: options.token, host });
  await server.open({ port: 0, named: true }, new Set());
  const { port } = server.address;
  return {
    ...fake,
    server,
    port,
    client: new AdminClient(`http://127.0.0.1:${port}`, options.token),
    request: (call: Call) => send(port, call),
    async [Symbol.asyncDispose]() {
      await server.close();
      await fake.registry.close();
    },
  };
}

export interface Call {
  readonly method?: string;
  readonly path?: string;
  /** The fields as they are sent; `authorization` and `host` are right unless given. null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** `error.code` of the body, where it has one. */
  readonly code: string | undefined;
}

function send(port: number, { method = 'GET', path = '/v1/status', headers = {}, body }: Call): Promise<Answer> {
  const wished = { authorization: `Bearer ${token}`, host: `127.0.0.1:${port}`, ...headers };
  const sent = Object.fromEntries(Object.entries(wished).filter((field) => field[1] !== null)) as Record<
    string,
    string
  >;
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, method, path, headers: sent, setHost: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          const code = /"error":\{"code":"(\w+)"/.exec(text)?.[1];
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code });
        });
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
