import { loadFile } from '../../config/load.js';
import { printSnapshot, toMeshFile } from '../../config/print.js';
import type { Context } from '../context.js';
import { chooseMeshFile } from '../mesh-file.js';

export interface ConfigOptions {
  readonly file?: string;
  readonly json?: boolean;
}

export async function config(context: Context, options: ConfigOptions): Promise<number> {
  const { terminal } = context;
  const snapshot = await loadFile(await chooseMeshFile(terminal, options.file), terminal.environment);
  // JSON is a mesh file, too, and so without a `schemaVersion` of ours.
  context.print(options.json ? JSON.stringify(toMeshFile(snapshot), null, 2) : printSnapshot(snapshot).trimEnd());
  return 0;
}
