import type { Diagnostic, Paint as DiagnosticPaint } from '../../config/diagnostic.js';
import { formatDiagnostics } from '../../config/diagnostic.js';
import { nameFrom } from '../mesh-file.js';
import type { Paint } from './paint.js';

/** The mistakes of a mesh file in colour, as a compiler shows them, and how many there are. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], directory: string, paint: Paint): string {
  const shown = diagnostics.map((diagnostic) => ({
    ...diagnostic,
    file: diagnostic.file && nameFrom(directory, diagnostic.file),
  }));
  return `${formatDiagnostics(shown, colors(paint))}\n\n${countOf(diagnostics)}`;
}

export function countOf({ length }: readonly Diagnostic[]): string {
  return length === 1 ? '1 mistake in the mesh file' : `${length} mistakes in the mesh file`;
}

/** The same as data: null for what is not there. */
export function diagnosticToJson({ code, message, hint, file, path, line, column, endColumn }: Diagnostic) {
  return {
    code,
    message,
    hint: hint ?? null,
    file: file ?? null,
    path,
    line: line ?? null,
    column: column ?? null,
    endColumn: endColumn ?? null,
  };
}

function colors(paint: Paint): DiagnosticPaint {
  return {
    place: (text) => paint.bold(text),
    error: (text) => paint.red.bold(text),
    gutter: (text) => paint.blue(text),
    caret: (text) => paint.red(text),
    hint: (text) => paint.cyan(text),
  };
}
