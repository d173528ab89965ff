import type { Durations } from '../metrics/durations.js';
import { bounds } from '../metrics/durations.js';
import type { Labels, Sample } from './exposition.js';

/** The buckets, the sum and the count of one histogram. */
export function histogramSamples(labels: Labels, { cumulative, count, sum }: Durations): Sample[] {
  const buckets = cumulative.map((value, at) => {
    return { suffix: '_bucket', labels: { ...labels, le: at < bounds.length ? String(bounds[at]) : '+Inf' }, value };
  });
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }];
}
