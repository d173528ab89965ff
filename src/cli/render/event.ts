import type { EventView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';

/** News of the mesh: its line for people, or several (a rejected reload shows what is wrong). */
export function renderEvent(event: EventView, paint: Paint): string {
  const [first = '', ...rest] = event.message.split('\n').map(printable);
  return [tint(paint, toneOf(event), first), ...rest].join('\n');
}

function toneOf({ type, message }: EventView) {
  if (type === 'reload-rejected' || /\bis crash looping\b|\bcould not be started\b/.test(message)) return 'bad';
  if (type === 'warning' || /\bis (?:unhealthy|ejected)\b|\bended with code [1-9]/.test(message)) return 'busy';
  if (type === 'reloaded' || /\bis (?:healthy|ready)\b/.test(message)) return 'good';
  return 'quiet';
}
