import type { Priority } from '../../config/shaping-configs.js';
import type { Exchange } from '../../exchange/exchange.js';

/** What the header field of that name (lower case) says, in any case of letters; anything else is normal. */
export function priorityFrom(headerName: string | undefined, exchange: Exchange): Priority {
  const value = headerName === undefined ? undefined : exchange.request.fields.get(headerName)?.trim().toLowerCase();
  return value === 'high' || value === 'low' ? value : 'normal';
}
