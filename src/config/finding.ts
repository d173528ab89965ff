import type { DiagnosticCode } from './diagnostic.js';

/** Keys and list positions from the top of the mesh file: `['services', 'web', 'instances', 0]`. */
export type Path = ReadonlyArray<string | number>;

/** A mistake by its path in the file's values; the file's text, where there is one, makes a diagnostic of it. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
  readonly path: Path;
  /** What is meant of the thing at the path: its key or (default) its value. */
  readonly at?: 'key' | 'value';
  /** The part of the value that is meant, in UTF-16 units of its text. */
  readonly part?: TextPart;
}

export interface TextPart {
  /** The whole text. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** `services.web.instances[0]` */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}
