import type { RequestCase } from './case.js';
import { requestChunks } from './request-chunks.js';
import { requestFields } from './request-fields.js';
import { requestFraming } from './request-framing.js';
import { requestLines } from './request-lines.js';

/** What a client may send. */
export const requestCases: readonly RequestCase[] = [
  ...requestLines,
  ...requestFields,
  ...requestFraming,
  ...requestChunks,
];
