import { stripVTControlCharacters } from 'node:util';

/** As the logs of programs write it: `"traceId":"…"`, `trace_id=…`, `trace.id: …`, `otelTraceID`, and the nested form of ECS. */
const labelled = /trace(?:[._-]?id["']?|"\s*:\s*\{\s*"id")\s*[:=]\s*["']?([0-9a-f]{32})(?![0-9a-z])/gi;
const traceParent = /(?<![0-9a-z])[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?![0-9a-z])/g;
const bare = /(?<![0-9a-z])([0-9a-f]{32})(?![0-9a-z])/gi;
/** Most lines name no trace, and are not looked at any further. */
const anyId = /[0-9a-f]{32}/i;
/** What OpenTelemetry's loggers write where there is no span. */
const noTrace = /^0+$/;

/**
 * The trace that a line of a program's output names, in lower case; undefined: it names none. Where nothing says what 32 digits
 * are, they may be a checksum as well: then they are a trace's only if it is known.
 */
export function traceInLine(line: string, isKnown: (traceId: string) => boolean): string | undefined {
  if (!anyId.test(line)) return undefined;
  const text = plain(line);
  const ids = (form: RegExp) => Array.from(text.matchAll(form), ([, id = '']) => id.toLowerCase());
  return (
    [...ids(labelled), ...ids(traceParent)].find((id) => !noTrace.test(id)) ??
    ids(bare).find((id) => !noTrace.test(id) && isKnown(id))
  );
}

/** Does a line contain one of these ids, as a word of its own? */
export function naming(ids: readonly string[]): (line: string) => boolean {
  return (line) => ids.some((id) => line.includes(id) && isWordIn(plain(line), id));
}

function isWordIn(text: string, id: string): boolean {
  const joint = traceIdForm.test(id) ? letter : letterOrHyphen; // a trace's id stands between hyphens in a traceparent
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) {
    if (!joint.test(text[at - 1] ?? ' ') && !joint.test(text[at + id.length] ?? ' ')) return true;
  }
  return false;
}

const traceIdForm = /^[0-9a-f]{32}$/;
const letter = /[0-9A-Za-z]/;
const letterOrHyphen = /[0-9A-Za-z_-]/;

/** A colour may end right before an id, with a letter. */
function plain(line: string): string {
  return line.includes('\u001b') ? stripVTControlCharacters(line) : line;
}
