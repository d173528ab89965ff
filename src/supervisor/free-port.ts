import { createServer } from 'node:net';
import { MeshError } from '../foundation/errors.js';
import type { Random } from '../foundation/random.js';

/**
 * Ports for programs. Not port 0's: those lie where the kernel also takes the near end of outgoing connections (from 32768
 * on Linux, 49152 elsewhere), so that between choice and use any connection may sit on one, and a probe of a port nobody
 * listens on yet may even be connected to itself. Nomad takes 20000–32000 for its tasks; ours end below MongoDB's 27017.
 */
const lowestPort = 20_000;
const portCount = 7_000;

/** Both loopbacks: a program may choose either, and a stranger on the other would be mistaken for it. */
const loopbacks = ['127.0.0.1', '::1'] as const;

/** Gives each port once, until it is given back. */
export class FreePorts {
  readonly #random: Random;
  readonly #given = new Set<number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** @throws port_taken when the whole range is in use */
  async take(): Promise<number> {
    const first = Math.floor(this.#random() * portCount);
    for (let step = 0; step < portCount; step++) {
      const port = lowestPort + ((first + step) % portCount);
      if (this.#given.has(port)) continue;
      this.#given.add(port); // before the wait, so that nobody else is given it meanwhile
      if (await isFree(port)) return port;
      this.#given.delete(port);
    }
    throw new MeshError('port_taken', `No port from ${lowestPort} to ${lowestPort + portCount - 1} is free`);
  }

  giveBack(port: number): void {
    this.#given.delete(port);
  }
}

/** Could a program of ours listen there, on this machine's loopback, IPv4 and IPv6? */
export async function isFree(port: number): Promise<boolean> {
  for (const host of loopbacks) if (!(await canListen(host, port))) return false;
  return true;
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once(
      'error',
      (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'), // a machine without IPv6 has nobody there
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
