import type { ServiceMemory } from '../gateway/service-memory.js';

/** How many requests wait for their turn at the service. */
export function queuedAt({ shaping, slots }: ServiceMemory): number {
  return (shaping.rateLimiter?.waiting ?? 0) + (shaping.concurrency?.waiting ?? 0) + (slots?.waiting ?? 0);
}
