/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The name of a field, and what is to be known of it: the same few come with every message, and each is looked at once. */
export interface FieldName {
  /** As written. */
  readonly text: string;
  /** In lower case. */
  readonly key: string;
  readonly isToken: boolean;
  /** It speaks about one connection, and is not passed on (RFC 9110 §7.6.1). */
  readonly isHopByHop: boolean;
}

/** Names that are remembered; then it begins anew, for a client may make up as many as it likes. */
const most = 1_000;

/** Characters; a longer name is one of few, or made up. */
const longest = 64;

const remembered = new Map<string, FieldName>();

/** @param text latin1 */
export function fieldName(text: string): FieldName {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  if (text.length > longest) return lookAt(text);
  if (remembered.size === most) remembered.clear();
  const name = lookAt(Buffer.from(text, 'latin1').toString('latin1')); // a part of a head holds on to all of it
  remembered.set(name.text, name);
  return name;
}

function lookAt(text: string): FieldName {
  const key = text.toLowerCase();
  return { text, key, isToken: token.test(text), isHopByHop: hopByHop.has(key) || key.startsWith('proxy-') };
}

const hopByHop = new Set(['connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade', 'http2-settings']);
