import type { OverviewServiceView, OverviewView } from '../../../src/admin/overview-wire.js';
import { KeyDecoder } from '../../../src/cli/keys.js';
import type { ScreenSize } from '../../../src/cli/screen.js';
import type { TopState, TopWishes } from '../../../src/cli/top/state.js';
import { beginTop } from '../../../src/cli/top/state.js';
import type { Effect, Message } from '../../../src/cli/top/step.js';
import { update } from '../../../src/cli/top/update.js';
import {
  instanceView,
  overviewServiceView,
  overviewView,
  servicesView,
  serviceView,
  shapingView,
  trafficView,
  workerView,
} from '../../support/views.js';

/** Noon of a day, by the reader's clock. */
export const noon = new Date(2026, 0, 1, 12, 0, 0).getTime();

/** A minute in which requests came more and more, and slower and slower; the tenth second was empty. */
export function trendOf(most: number): OverviewServiceView['trend'] {
  const seconds = Array.from({ length: 60 }, (_, second) => second);
  return {
    until: noon,
    requests: seconds.map((second) => (second === 9 ? 0 : Math.ceil((most * (second + 1)) / 60))),
    errors: seconds.map(() => 0),
    p99: seconds.map((second) => (second === 9 ? null : second + 1)),
  };
}

/** A service of the overview, by what is told of it. */
export function topService(name: string, changes: Partial<OverviewServiceView> = {}): OverviewServiceView {
  return overviewServiceView(serviceView({ name }), { trend: trendOf(12), ...changes });
}

/** A service with that many requests a second, and that share of failures. */
export function busyService(name: string, requestsPerSecond: number, errorRate = 0): OverviewServiceView {
  const service = topService(name);
  return { ...service, metrics: { ...service.metrics, requestsPerSecond, errorRate } };
}

export function mesh(...services: OverviewServiceView[]): OverviewView {
  return { ...overviewView(servicesView([])), at: noon, startedAt: noon - 3_723_000, services };
}

/** A shop with all that can be out of the ordinary. */
export const shop = mesh(
  topService('web'),
  topService('orders', {
    metrics: { ...topService('orders').metrics, errorRate: 0.25, queued: 7, retriesPerSecond: 1.5 },
    instances: [
      {
        ...instanceView({ id: 'orders-1', version: 'v2', active: 3 }),
        metrics: { requestsPerSecond: 9, errorRate: 0, p50: 1, p95: 2, p99: 3 },
      },
      {
        ...instanceView({
          id: 'orders-2',
          health: 'ejected',
          ejection: { until: noon + 12_000, reason: '5 failures in a row' },
          circuit: { state: 'open', until: noon + 8_000, because: 'it failed' },
        }),
        metrics: null,
      },
    ],
    callers: [
      { caller: 'web', service: 'orders', requestsPerSecond: 12, errorRate: 0.25, p50: 1, p95: 2, p99: 3 },
      { caller: null, service: 'orders', requestsPerSecond: 0.3, errorRate: 0, p50: 1, p95: 2, p99: 3 },
    ],
    traffic: trafficView({
      shaping: shapingView({
        active: { shape: {}, words: ['delay 300ms'], by: 'ann (mesh top)', since: noon, until: noon + 42_000 },
      }),
    }),
  }),
  overviewServiceView(workerView(), {
    processes: [
      {
        replica: 'shoppers-1',
        state: 'backing-off',
        detail: 'is started again in 4s',
        pid: null,
        port: null,
        restarts: 3,
        crashLooping: false,
      },
    ],
  }),
);

export function begin(
  view: OverviewView = shop,
  size: ScreenSize = { columns: 80, rows: 24 },
  wishes: TopWishes = { sort: { by: 'service', isReversed: false }, filter: '' },
): TopState {
  return update(beginTop(view, size, wishes), { kind: 'resized', size }).state;
}

/** What is on the screen after all that, and what was to be done outside. */
export function after(state: TopState, ...messages: ReadonlyArray<Message | string>) {
  const effects: Effect[] = [];
  let now = state;
  for (const message of messages.flatMap(messagesOf)) {
    const step = update(now, message);
    now = step.state;
    effects.push(...step.effects);
  }
  return { state: now, effects };
}

/** A text is what a terminal sends for keys. */
function messagesOf(message: Message | string): Message[] {
  if (typeof message !== 'string') return [message];
  const decoder = new KeyDecoder();
  const keys = [...decoder.feed(Buffer.from(message)), ...decoder.flush()];
  return keys.map((key) => ({ kind: 'key', key }));
}

export const keys = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  enter: '\r',
  escape: '\u001b',
  backspace: '\u007f',
} as const;
