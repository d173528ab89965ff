import { createCipheriv, createHash } from 'node:crypto';

export const megabyte = 1024 * 1024;

/** Bytes that repeat nowhere, so that none can be lost, doubled or moved unseen. The same at every call. */
export function noise(size: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size));
}

export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
