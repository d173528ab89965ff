import type { OverviewView } from '../../admin/overview-wire.js';
import type { Key } from '../keys.js';
import type { ScreenSize } from '../screen.js';
import type { QuickFault } from './quick-faults.js';
import type { LogEntry, Notice, TopState } from './state.js';

/** What happens to the screen. */
export type Message =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'resized'; readonly size: ScreenSize }
  | { readonly kind: 'seen'; readonly view: OverviewView }
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'logged'; readonly target: string; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'log-ended'; readonly target: string; readonly why: string }
  | { readonly kind: 'told'; readonly notice: Notice };

/** What shall be done outside. */
export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'repaint' }
  /** In place of what was followed before. */
  | { readonly kind: 'follow'; readonly target: string }
  | { readonly kind: 'unfollow' }
  | { readonly kind: 'shape'; readonly service: string; readonly fault: QuickFault };

export interface Step {
  readonly state: TopState;
  readonly effects: readonly Effect[];
}

/** Nothing outside is touched. */
export function only(state: TopState): Step {
  return { state, effects: [] };
}
