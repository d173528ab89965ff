import { InvalidArgumentError } from 'commander';
import { longestDelay } from '../../foundation/clock.js';
import { heaviestWeight, instanceIdExpected, instanceIdPattern } from '../../foundation/names.js';
import { parseDuration } from '../../foundation/units.js';

/** What the values of options are read by: they refuse what is none, before anything is done. */

export function duration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds > longestDelay)
    throw new InvalidArgumentError('Write a duration, such as 500ms, 30s or 2m.');
  return milliseconds;
}

/** Faster than this the eye sees no more, and the mesh is busy answering. */
const fastestInterval = 100;

export function interval(text: string): number {
  return Math.max(fastestInterval, duration(text));
}

export function instanceId(text: string): string {
  if (!instanceIdPattern.test(text)) throw new InvalidArgumentError(`Write ${instanceIdExpected}.`);
  return text;
}

export function weight(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) > heaviestWeight)
    throw new InvalidArgumentError(`Write a whole number from 0 to ${heaviestWeight}.`);
  return Number(text);
}

export function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write name=value.');
  if (name === '__proto__') throw new InvalidArgumentError('`__proto__` cannot be a name.');
  return { ...before, [name]: value };
}
