import { once } from 'node:events';
import type { Server } from 'node:net';
import type { PortWish } from '../config/snapshot.js';
import type { Address } from '../foundation/address.js';
import { formatAddress } from '../foundation/address.js';
import { errnoOf, MeshError, messageOf } from '../foundation/errors.js';
import { holderOf } from '../foundation/port-holder.js';

/** How many ports are tried, upwards, where it need not be the first. */
const portTries = 100;

/**
 * Makes the server listen on the port that is wished for, or, where the mesh file does not name it, on the next free one
 * that the file does not name for something else.
 * @returns the address as bound
 * @throws port_taken, listen_failed
 */
export async function bind(
  server: Server,
  host: string,
  { port, named }: PortWish,
  claimed: ReadonlySet<number>,
): Promise<Address> {
  const last = named || port === 0 ? port : Math.min(port + portTries - 1, 65_535);
  for (let tried = port; ; tried++) {
    if (!named && claimed.has(tried)) continue;
    try {
      server.listen({ host, port: tried });
      await once(server, 'listening');
      return addressOf(server);
    } catch (cause) {
      if (isTaken(cause) && tried < last) continue;
      throw await explained({ host, port: tried }, cause);
    }
  }
}

function addressOf(server: Server): Address {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new MeshError('internal', 'the server is bound to no port');
  return { host: bound.address, port: bound.port };
}

async function explained(address: Address, cause: unknown): Promise<MeshError> {
  const where = formatAddress(address);
  if (isTaken(cause)) {
    const holder = await holderOf(address.port);
    return new MeshError('port_taken', `Port ${address.port} (${where}) is taken by ${holder ?? 'another program'}`, {
      cause,
    });
  }
  const reason = messageOf(cause);
  return new MeshError('listen_failed', `The mesh cannot listen on ${where}: ${reason}`, { cause });
}

function isTaken(cause: unknown): boolean {
  return errnoOf(cause) === 'EADDRINUSE';
}
