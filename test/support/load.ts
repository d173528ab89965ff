import http from 'node:http';
import { call } from './gateway.js';

/** Clients that ask one thing after the other until they are stopped; the answers that were not 200 are kept. */
export function startLoad(port: number, service: string, connections: number, method = 'GET') {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const failures: unknown[] = [];
  const state = { answered: 0, going: true };
  const client = async () => {
    while (state.going) {
      try {
        const { status, fields } = await call({ host: '127.0.0.1', port }, '/', {
          method,
          headers: { Host: `${service}.localhost` },
          agent,
        });
        if (status === 200) state.answered++;
        else failures.push(`${status} ${fields.get('x-mesh-error')}`);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const clients = Array.from({ length: connections }, client);
  return {
    get answered() {
      return state.answered;
    },
    async stop() {
      state.going = false;
      await Promise.all(clients);
      agent.destroy();
      return failures;
    },
  };
}
