import type { EventView } from '../admin/wire.js';
import type { OutputLine } from '../supervisor/output.js';

/** What a mesh tells of itself while it runs. */
export interface MeshEvents {
  /** Registry, health, processes, reloads and warnings, each with a line for people. */
  event: EventView;
  /** A line that a program of the mesh printed. */
  output: OutputLine;
  /** It was asked to stop, by `stop()` or through the admin API. */
  stopping: { readonly at: number };
}
