import type { ShapingView } from '../admin/shaping-wire.js';
import type { CircuitView, MirrorView, SplitView, TrafficView } from '../admin/traffic-wire.js';
import { hashKeyInWords } from '../config/hash-key.js';
import type { LoadBalancerConfig, MirrorConfig } from '../config/policy-configs.js';
import type { Clock } from '../foundation/clock.js';
import type { ServiceMemory } from '../gateway/service-memory.js';
import type { BreakerState } from '../shaping/circuit/breaker.js';
import type { MirrorBook } from '../shaping/mirror-book.js';

/** How requests to a service are dealt out, and what came of them. */
export function viewTraffic(memory: ServiceMemory, clock: Clock, shaping: ShapingView): TrafficView {
  const { configs, candidates, circuits, slots, budget } = memory;
  return {
    loadBalancer: policyInWords(configs.loadBalancer),
    panicking: candidates.isPanicking,
    split: viewSplit(memory),
    circuit: viewCircuit(circuits?.stateOf(undefined), clock),
    retries: budget === undefined ? null : { ...budget.numbers },
    connections:
      slots === undefined || configs.connectionPool === undefined
        ? null
        : { used: slots.used, waiting: slots.waiting, limit: configs.connectionPool.maxConnections },
    mirror: configs.mirror === undefined ? null : viewMirror(configs.mirror, memory.mirrors),
    shaping,
  };
}

/** Times of the monotonic clock mean nothing outside: they become those of the wall. */
export function viewCircuit(state: BreakerState | undefined, clock: Clock): CircuitView | null {
  switch (state?.kind) {
    case undefined:
      return null;
    case 'closed':
      return { state: 'closed', failures: state.failures, requests: state.requests };
    case 'open':
      return {
        state: 'open',
        until: Math.round(clock.now() + state.untilMs - clock.monotonic()),
        because: state.because,
      };
    case 'half-open':
      return { state: 'half-open', underWay: state.underWay, succeeded: state.succeeded };
  }
}

function policyInWords({ policy, slowStart, stickyCookie }: LoadBalancerConfig): string {
  const words: string[] = [policy.kind];
  if ('hashOn' in policy) words.push(`on ${hashKeyInWords(policy.hashOn)}`);
  if (stickyCookie !== undefined) words.push(`sticky by cookie ${stickyCookie}`);
  if (slowStart > 0) words.push('with slow start');
  return words.join(' ');
}

function viewSplit({ splitInForce }: ServiceMemory): SplitView | null {
  if (splitInForce === undefined) return null;
  const { config, isOverride } = splitInForce;
  return {
    shares: { ...config.shares },
    by: config.by === undefined ? null : hashKeyInWords(config.by),
    isOverride,
  };
}

function viewMirror({ target }: MirrorConfig, book: MirrorBook): MirrorView {
  const { differences, lastFailure, meanDuration, samples, ...counts } = book.summary();
  return {
    ...counts,
    target: target.kind === 'service' ? `service ${target.service}` : `version ${target.version}`,
    differences: {
      status: differences.status,
      contentType: differences['content-type'],
      body: differences.body,
    },
    lastFailure: lastFailure ?? null,
    meanDuration: { primary: meanDuration.primary ?? null, mirrored: meanDuration.mirrored ?? null },
    samples: samples.map((sample) => ({ ...sample, differs: [...sample.differs] })),
  };
}
