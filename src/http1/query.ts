/**
 * The value of a query parameter as forms write it (WHATWG URL §5.1): percent-decoded as UTF-8, `+` is a space, a malformed
 * escape is taken literally, and a name without `=` is an empty value. Of two with one name the first counts.
 *
 * @param target path and query, as in a request line
 */
export function queryOf(target: string, name: string): string | undefined {
  const mark = target.indexOf('?');
  if (mark < 0) return undefined;
  return new URLSearchParams(target.slice(mark)).get(name) ?? undefined;
}
