/** What decides how a command speaks, read before anything else: a mistake in the rest must be told in the same way. */
export interface SpeechFlags {
  /** `--color` or `--no-color`, the last one given; undefined when neither is. */
  readonly color: boolean | undefined;
  readonly json: boolean;
}

export function speechFlags(argv: readonly string[]): SpeechFlags {
  const end = argv.indexOf('--');
  const options = end === -1 ? argv : argv.slice(0, end);
  const color = options.findLast((option) => option === '--color' || option === '--no-color');
  return { color: color === undefined ? undefined : color === '--color', json: options.includes('--json') };
}
