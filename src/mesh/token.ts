import { randomBytes } from 'node:crypto';
import type { TokenConfig } from '../config/snapshot.js';

/** 24 random bytes: 192 bits, far out of reach of guessing. */
const tokenBytes = 24;

/** The token of a mesh, for its life; undefined when it wants none. */
export function tokenOf(config: TokenConfig): string | undefined {
  switch (config.kind) {
    case 'auto':
      return randomBytes(tokenBytes).toString('base64url');
    case 'value':
      return config.value;
    case 'none':
      return undefined;
  }
}
