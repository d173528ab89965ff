import type { EventView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';

/** News of the mesh: its line for people, or several (a rejected reload shows what is wrong). */
export function renderEvent(event: EventView, paint: Paint): string {
  const [first = '', ...rest] = event.message.split('\n').map(printable);
  return [tint(paint, event.tone, first), ...rest].join('\n');
}
