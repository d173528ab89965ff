let lastText = '';
let lastAt = Number.NaN;

/** RFC 3339, to the millisecond. Made once for all entries of one: in a busy mesh there are many. */
export function timeText(at: number): string {
  if (at !== lastAt) {
    lastAt = at;
    lastText = new Date(at).toISOString();
  }
  return lastText;
}
