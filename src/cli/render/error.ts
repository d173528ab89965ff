import { ConfigError } from '../../config/diagnostic.js';
import type { MeshError } from '../../foundation/errors.js';
import { printable } from '../../foundation/text.js';
import { countOf, diagnosticToJson, renderDiagnostics } from './diagnostics.js';
import type { Paint } from './paint.js';

/** What went wrong and what to do about it. A bug of mesh brings its stack, for the report that its hint asks for. */
export function renderError(error: MeshError, directory: string, paint: Paint): string {
  if (error instanceof ConfigError) return renderDiagnostics(error.diagnostics, directory, paint);
  const lines = [
    `${paint.red.bold('error:')} ${printable(error.message)}`,
    `  ${paint.cyan('hint:')} ${printable(error.hint)}`,
  ];
  if (error.code === 'internal' && error.cause instanceof Error) {
    lines.push(...stackOf(error.cause).map((line) => paint.dim(line)));
  }
  return lines.join('\n');
}

/** The same for programs. */
export function errorToJson(error: MeshError) {
  const { code, message, hint } = error;
  if (!(error instanceof ConfigError)) return { error: { code, message, hint } };
  const { diagnostics } = error;
  return { error: { code, message: countOf(diagnostics), hint, diagnostics: diagnostics.map(diagnosticToJson) } };
}

function stackOf({ stack = '' }: Error): string[] {
  return stack
    .split('\n')
    .slice(1)
    .map((line) => printable(line.replace(/^\s*/, '    ')));
}
