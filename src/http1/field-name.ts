import { remembering } from '../foundation/remembering.js';

/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The name of a field, and what is to be known of it. */
export interface FieldName {
  /** As written. */
  readonly text: string;
  /** In front of a value on the wire: `Name: `. */
  readonly prefix: string;
  /** In lower case. */
  readonly key: string;
  readonly isToken: boolean;
  /** It speaks about one connection, and is not passed on (RFC 9110 §7.6.1). */
  readonly isHopByHop: boolean;
}

/** The same few come with every message, and each is looked at once. @param text latin1 */
export const fieldName = remembering(1_000, (text): FieldName => {
  const key = text.toLowerCase();
  return {
    text,
    prefix: `${text}: `,
    key,
    isToken: token.test(text),
    isHopByHop: hopByHop.has(key) || key.startsWith('proxy-'),
  };
});

const hopByHop = new Set(['connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade', 'http2-settings']);
