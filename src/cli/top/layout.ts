import { quickFaults } from './quick-faults.js';
import type { TopState } from './state.js';

/** How the rows of the screen are dealt out. */
export interface Layout {
  /** A summary, and nothing but: no air, no keys. */
  readonly isLow: boolean;
  /** Of the table, without its head. */
  readonly rows: number;
  /** Below it; 0 without one. */
  readonly pane: number;
}

/** Rows. A screen with fewer has no room for air. */
const lowScreen = 8;

/** The summary, the news, the head of the table, the keys. */
const fixed = 4;

export function layoutOf({ size, mode }: Pick<TopState, 'size' | 'mode'>): Layout {
  const isLow = size.rows < lowScreen;
  const room = Math.max(0, isLow ? size.rows - 2 : size.rows - fixed);
  const pane = isLow && mode.kind !== 'browsing' && mode.kind !== 'filtering' ? room + 1 : paneOf(mode, room);
  return { isLow, rows: Math.max(0, room - pane), pane };
}

/** One that takes all takes the head of the table, too. */
function paneOf(mode: TopState['mode'], room: number): number {
  switch (mode.kind) {
    case 'browsing':
    case 'filtering':
      return 0;
    case 'help':
      return room + 1;
    case 'faults':
      return room - menuRows < 1 ? room + 1 : menuRows;
    case 'logs':
      return mode.isWhole ? room + 1 : Math.ceil(room / 2);
  }
}

/** A line above, the title, and the choices. */
const menuRows = quickFaults.length + 2;
