/** A part of a text without the spaces and tabs around it: the optional white space of RFC 9110 §5.6.3, and no other. */
export function trimBlanks(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
