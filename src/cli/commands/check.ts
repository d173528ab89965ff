import { ConfigError } from '../../config/diagnostic.js';
import { loadFile } from '../../config/load.js';
import type { ServiceConfig, Snapshot } from '../../config/snapshot.js';
import { errorTable } from '../../foundation/error-table.js';
import type { Context } from '../context.js';
import { chooseMeshFile, nameFrom } from '../mesh-file.js';
import { diagnosticToJson } from '../render/diagnostics.js';

export interface CheckOptions {
  readonly file?: string;
  readonly json?: boolean;
}

export async function check(context: Context, options: CheckOptions): Promise<number> {
  const { terminal } = context;
  const file = await chooseMeshFile(terminal, options.file);
  try {
    const snapshot = await loadFile(file, terminal.environment);
    if (options.json) context.printDocument({ file, valid: true, diagnostics: [] });
    else context.print(`${context.paint.green('✓')} ${nameFrom(terminal.directory, file)}: ${summaryOf(snapshot)}`);
    return 0;
  } catch (error) {
    if (!options.json || !(error instanceof ConfigError)) throw error;
    // Here the mistakes are the data that was asked for, not the failure to get it.
    context.printDocument({ file, valid: false, diagnostics: error.diagnostics.map(diagnosticToJson) });
    return errorTable[error.code].exitCode;
  }
}

function summaryOf({ name, services, gateway }: Snapshot): string {
  const list = [...services.values()].map(nameWithCount).join(', ');
  const count = services.size === 1 ? '1 service' : `${services.size} services`;
  return `${name}, ${count}${list === '' ? '' : ` (${list})`}, gateway on ${gateway.host}:${gateway.port.port || 'any free port'}`;
}

/** `web ×2` */
function nameWithCount({ name, process, instances }: ServiceConfig): string {
  const count = (process?.replicas ?? 0) + instances.length;
  return count > 1 ? `${name} ×${count}` : name;
}
