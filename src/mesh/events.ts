import type { EventView } from '../admin/wire.js';
import type { OutputLine } from '../supervisor/output.js';
import type { AccessBatch } from '../telemetry/access-log/access-log.js';

/** What a mesh tells of itself while it runs. */
export interface MeshEvents {
  /** Registry, health, processes, reloads and warnings, each with a line for people. */
  event: EventView;
  /** A line that a program of the mesh printed. */
  output: OutputLine;
  /** Requests that are over, where the access log goes to no file. */
  access: AccessBatch;
  /** It was asked to stop, by `stop()` or through the admin API. */
  stopping: { readonly at: number };
}
