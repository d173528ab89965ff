import type { OutputReader, OutputStep } from '../supervisor/output.js';
import type { Control } from './control.js';
import type { Followed } from './follower.js';
import type { LogEventView } from './logs-wire.js';

/** What the services print, as a stream tells it. */
export function followedOutput(reader: OutputReader, control: Control): Followed {
  return {
    next() {
      const step = reader.next();
      return step && viewStep(step);
    },
    onNews: (listener) =>
      control.onOutput(({ service }) => {
        if (reader.follows(service)) listener();
      }),
    share: 1, // all that is kept is what was asked for, and services that print so much that it takes time are few
  };
}

function viewStep(step: OutputStep): LogEventView | { readonly type: 'searching' } {
  switch (step.kind) {
    case 'line':
      return { type: 'line', ...step.line, traceId: step.traceId };
    case 'skipped':
      return { type: 'skipped', service: step.service, count: step.count };
    case 'live':
      return { type: 'live' };
    case 'searching':
      return { type: 'searching' };
  }
}
