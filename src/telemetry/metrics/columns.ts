import { bucketCount } from './histogram.js';
import { reasons } from './reason.js';

/** 0: there was no answer at all; then 1xx to 5xx. */
export const statusClasses = 6;

const classes = 8;
const reason = classes + statusClasses;
const duration = reason + reasons.length;

/** What is counted in a stretch of time is a row of numbers, nearly all of them zero; this is the place of each. */
export const column = {
  /** Requests that ended; of an instance, attempts. */
  requests: 0,
  errors: 1,
  /** Attempts behind the first. */
  retries: 2,
  /** Of bodies. */
  requestBytes: 3,
  responseBytes: 4,
  begun: 5,
  /** Who waited in the service's queues when the stretch began. */
  queued: 6,
  /** Requests that had to wait. */
  delayed: 7,
  /** The first of `statusClasses`, of `reasons`, and of a histogram's buckets each. */
  classes,
  reason,
  /** Of an instance: until the head of its answer. */
  duration,
  upstream: duration + bucketCount,
  waiting: duration + 2 * bucketCount,
} as const;

/** Of a part of a service only one duration is counted. */
export const partColumns = column.upstream;
export const serviceColumns = column.waiting + bucketCount;

export function classOf(status: number): number {
  return status < 100 || status > 599 ? 0 : Math.floor(status / 100);
}
