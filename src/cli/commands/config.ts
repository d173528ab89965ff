import { loadFile } from '../../config/load.js';
import { printSnapshot, snapshotToJson } from '../../config/print.js';
import type { Context } from '../context.js';
import { chooseMeshFile } from '../mesh-file.js';

export interface ConfigOptions {
  readonly file?: string;
  readonly json?: boolean;
}

export async function config(context: Context, options: ConfigOptions): Promise<number> {
  const { terminal } = context;
  const snapshot = await loadFile(await chooseMeshFile(terminal, options.file), terminal.environment);
  if (options.json) context.printDocument(snapshotToJson(snapshot));
  else context.print(printSnapshot(snapshot).trimEnd());
  return 0;
}
