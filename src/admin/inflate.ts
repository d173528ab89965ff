import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errnoOf, MeshError } from '../foundation/errors.js';

const run = promisify(gunzip);

/**
 * What was packed by gzip. A few bytes can stand for very many: it stops where there are more than may be.
 * @throws body_too_large, invalid_request
 */
export async function inflate(packed: Buffer, most: number): Promise<Buffer> {
  try {
    return await run(packed, { maxOutputLength: most });
  } catch (cause) {
    if (errnoOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(most);
    throw new MeshError('invalid_request', 'The body is no gzip, though `Content-Encoding` says so', { cause });
  }
}

export function tooLarge(most: number): MeshError {
  return new MeshError('body_too_large', `The body is larger than ${most / 1_024 / 1_024} MiB`);
}
