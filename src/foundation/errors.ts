import type { ErrorCode } from './error-table.js';
import { errorTable } from './error-table.js';

export type { ErrorCode } from './error-table.js';

/** An error that a person can act upon: its code picks the row of the table, its message names the thing and the place. */
export class MeshError extends Error {
  override readonly name = 'MeshError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly status: number;
  readonly exitCode: number;
  /** Milliseconds after which it may be tried again; undefined where that is not known. */
  readonly retryAfter: number | undefined;
  /** Header fields that the client is given with it: `[name, value, …]`. */
  readonly fields: readonly string[];

  constructor(code: ErrorCode, message?: string, options: MeshErrorOptions = {}) {
    const entry = errorTable[code];
    super(message ?? entry.summary, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? entry.hint;
    this.status = entry.status;
    this.exitCode = entry.exitCode;
    this.retryAfter = options.retryAfter;
    this.fields = options.fields ?? [];
  }
}

interface MeshErrorOptions {
  readonly hint?: string;
  readonly cause?: unknown;
  readonly retryAfter?: number;
  readonly fields?: readonly string[];
}

/** The code of a failed system call: `ENOENT`; undefined for any other error. */
export function errnoOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
}

/** What was thrown, in words. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What was thrown, as a MeshError: anything that is none already is a bug, and says so. */
export function toMeshError(thrown: unknown): MeshError {
  if (thrown instanceof MeshError) return thrown;
  return new MeshError('internal', messageOf(thrown), { cause: thrown });
}
