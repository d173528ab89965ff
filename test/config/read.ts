import type { Diagnostic } from '../../src/config/diagnostic.js';
import { ConfigError } from '../../src/config/diagnostic.js';
import type { Environment } from '../../src/config/interpolate.js';
import { loadText } from '../../src/config/load.js';
import type { ServiceConfig, Snapshot } from '../../src/config/snapshot.js';

export function read(text: string, environment: Environment = {}): Snapshot {
  return loadText(text, { file: 'mesh.yaml', directory: '/shop', environment });
}

/** The one service of that name in a text that loads. */
export function readService(name: string, text: string, environment: Environment = {}): ServiceConfig {
  const service = read(text, environment).services.get(name);
  if (service === undefined) throw new Error(`there is no ${name}`);
  return service;
}

/** Everything that is wrong with the text; nothing when it loads. */
export function mistakes(text: string, environment: Environment = {}): readonly Diagnostic[] {
  return errorOf(() => read(text, environment))?.diagnostics ?? [];
}

export function errorOf(action: () => unknown): ConfigError | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  return undefined;
}
