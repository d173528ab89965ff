import type { LogLineView } from '../../admin/logs-wire.js';
import type { OverviewView } from '../../admin/overview-wire.js';
import type { Tone } from '../render/paint.js';
import type { ScreenSize } from '../screen.js';
import type { Sort } from './sort.js';

/** All that the screen of `mesh top` is drawn from. */
export interface TopState {
  readonly size: ScreenSize;
  /** The newest that the mesh has told. */
  readonly latest: OverviewView;
  /** What is shown: it stands still while the picture is paused. */
  readonly view: OverviewView;
  readonly isPaused: boolean;
  readonly connection: Connection;
  readonly mode: Mode;
  readonly sort: Sort;
  /** Part of the names of the services that are shown. */
  readonly filter: string;
  readonly errorsOnly: boolean;
  /** Names of services. */
  readonly expanded: ReadonlySet<string>;
  readonly cursor: Cursor;
  /** Which row is the first on the screen. */
  readonly first: number;
  /** What came of the last thing that was done, until the next key. */
  readonly notice: Notice | undefined;
}

export type Connection = { readonly kind: 'live' } | { readonly kind: 'lost'; readonly why: string };

/** The row that is selected: by its key, wherever that moves; where it is no more, whatever is in its place. */
export interface Cursor {
  readonly key: string | undefined;
  readonly index: number;
}

export interface Notice {
  readonly words: string;
  readonly tone: Tone;
}

export type Mode =
  | { readonly kind: 'browsing' }
  | { readonly kind: 'filtering' }
  | { readonly kind: 'faults'; readonly service: string; readonly chosen: number }
  | { readonly kind: 'help' }
  | LogsMode;

export interface LogsMode {
  readonly kind: 'logs';
  /** A service, or one of its processes. */
  readonly target: string;
  readonly entries: readonly LogEntry[];
  /** How many entries are below the last one that is shown; 0 follows. */
  readonly back: number;
  readonly isWhole: boolean;
  /** Why nothing more comes. */
  readonly ended: string | undefined;
}

export type LogEntry =
  | { readonly kind: 'line'; readonly line: LogLineView }
  | { readonly kind: 'skipped'; readonly count: number };

/** Lines that can be scrolled back to. */
export const keptEntries = 2_000;

export interface TopWishes {
  readonly sort: Sort;
  readonly filter: string;
}

export function beginTop(view: OverviewView, size: ScreenSize, { sort, filter }: TopWishes): TopState {
  return {
    size,
    latest: view,
    view,
    isPaused: false,
    connection: { kind: 'live' },
    mode: { kind: 'browsing' },
    sort,
    filter,
    errorsOnly: false,
    expanded: new Set(),
    cursor: { key: undefined, index: 0 },
    first: 0,
    notice: undefined,
  };
}
