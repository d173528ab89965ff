import { MeshError } from '../../foundation/errors.js';
import type { ShapeOptions } from './shape-options.js';
import { flagOf } from './shape-options.js';

/** What the mesh refuses in a shape, as a mistake in the option that said it: `faults[0].delay: …` is `--delay: …`. */
export function toUsage(thrown: unknown, options: ShapeOptions): unknown {
  if (!(thrown instanceof MeshError) || thrown.code !== 'invalid_request') return thrown;
  const sentences = thrown.message.split(nextProblem).map((problem) => inOptions(problem, options));
  const hint = '`mesh shape --help` shows every option; the values are those of the mesh file.';
  return new MeshError('usage', [...new Set(sentences)].join('; '), { hint, cause: thrown });
}

/** A hint may stand behind a semicolon, too; the path of the next value tells them apart. */
const nextProblem = /; (?=`?(?:rateLimit|concurrency|bandwidth|faults|for|by)(?:[.[][^\s`]*)?`?: )/;

function inOptions(problem: string, options: ShapeOptions): string {
  const [, path = '', message] = /^`?([^\s`]+?)`?: (.*)$/s.exec(problem) ?? [];
  const option = optionOf(path.replace(/^faults\[\d+\]\./, ''), options);
  return option === undefined || message === undefined ? problem : `${option}: ${message}`;
}

function optionOf(path: string, options: ShapeOptions): string | undefined {
  const [, header] = /^match\.headers\.(.+)$/.exec(path) ?? [];
  if (header !== undefined) return `--match header:${header}`;
  if (path === 'bandwidth.down') return options.down === undefined ? '--bandwidth' : '--down';
  if (path.startsWith('match.')) return `--match ${path.slice('match.'.length)}`;
  return named.get(path) ?? (Object.hasOwn(options, path) ? flagOf(path) : undefined);
}

/** Where an option has another name than its key. */
const named: ReadonlyMap<string, string> = new Map([
  ['rateLimit', '--rate'],
  ['rateLimit.rate', '--rate'],
  ['rateLimit.burst', '--burst'],
  ['concurrency', '--limit'],
  ['bandwidth.up', '--up'],
  ['mock.status', '--mock'],
  ['mock.body', '--body'],
]);
