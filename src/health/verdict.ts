/** What one probe found. */
export type ProbeResult =
  | { readonly kind: 'passed' }
  /** `connection refused`, `answered 503`: a few words. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface Thresholds {
  /** Successes in a row that make an unhealthy instance healthy again. */
  readonly healthyThreshold: number;
  /** Failures in a row that make an instance unhealthy. */
  readonly unhealthyThreshold: number;
}

/** What is thought of an instance, and how near it is to a change of mind. */
export type Verdict =
  /** It has never passed: the first success counts at once. */
  | { readonly kind: 'unproven'; readonly failures: number }
  | { readonly kind: 'healthy'; readonly failures: number }
  | { readonly kind: 'unhealthy'; readonly successes: number };

export const unproven: Verdict = { kind: 'unproven', failures: 0 };
export const healthy: Verdict = { kind: 'healthy', failures: 0 };

/**
 * Envoy's rule: one success is enough for an instance that never passed, so that a start is quick; later, only results
 * in a row change a mind, so that one lost packet does not. Unlike Envoy's, a wrong status counts like any other
 * failure: a service that is restarting behind its own proxy answers 503 once, and comes back.
 */
export function judge(verdict: Verdict, result: ProbeResult, thresholds: Thresholds): Verdict {
  const passed = result.kind === 'passed';
  switch (verdict.kind) {
    case 'unproven':
      return passed ? healthy : { kind: 'unproven', failures: verdict.failures + 1 };
    case 'healthy': {
      if (passed) return healthy;
      const failures = verdict.failures + 1;
      return failures >= thresholds.unhealthyThreshold
        ? { kind: 'unhealthy', successes: 0 }
        : { kind: 'healthy', failures };
    }
    case 'unhealthy': {
      const successes = passed ? verdict.successes + 1 : 0;
      return successes >= thresholds.healthyThreshold ? healthy : { kind: 'unhealthy', successes };
    }
  }
}

/** What the registry shall say; undefined while there is nothing to say yet. */
export function healthOf(verdict: Verdict, { unhealthyThreshold }: Thresholds): 'healthy' | 'unhealthy' | undefined {
  if (verdict.kind !== 'unproven') return verdict.kind;
  return verdict.failures >= unhealthyThreshold ? 'unhealthy' : undefined;
}
