import { z } from '@hono/zod-openapi';
import { errorTable } from '../../foundation/error-table.js';
import type { ErrorCode } from '../../foundation/errors.js';
import {
  instanceIdExpected,
  instanceIdPattern,
  serviceNameExpected,
  serviceNamePattern,
} from '../../foundation/names.js';
import { errorView } from '../wire.js';

/** An answer of that shape, for the description of a route. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** What every route may answer beside its own, and the codes that this one adds. */
export function errors(...codes: ErrorCode[]): Record<number, ReturnType<typeof json<typeof errorView>>> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes, 'unauthorized', 'forbidden_host', 'forbidden_origin'] as const) {
    const { status } = errorTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const answers = [...byStatus].map(([status, same]) => [status, json(errorView, describe(same))] as const);
  return Object.fromEntries(answers);
}

export const serviceParameter = z
  .string()
  .regex(serviceNamePattern, `expected ${serviceNameExpected}`)
  .openapi({
    param: { name: 'name', in: 'path' },
    description: 'The service, a DNS label (RFC 1123).',
    example: 'orders',
  });

export const instanceParameter = z
  .string()
  .regex(instanceIdPattern, `expected ${instanceIdExpected}`)
  .openapi({ param: { name: 'id', in: 'path' }, description: 'The id of the instance.', example: 'orders-3' });

function describe(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `\`${code}\`: ${errorTable[code].summary}`).join(' ');
}
