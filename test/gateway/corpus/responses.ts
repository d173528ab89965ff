import type { ResponseCase } from './case.js';
import { responseBodies } from './response-bodies.js';
import { responseFaults } from './response-faults.js';
import { responseHeads } from './response-heads.js';

/** What a service may answer. */
export const responseCases: readonly ResponseCase[] = [...responseHeads, ...responseFaults, ...responseBodies];
