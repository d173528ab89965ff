import { expect, test } from 'vitest';
import { colorLevel } from '../../src/cli/color.js';
import { speechFlags } from '../../src/cli/flags.js';

const terminal = output(true, 24);
const pipe = output(false, 4);

test.each([
  ['a terminal has what it can show', terminal, undefined, {}, 3],
  ['a terminal of 256 colours', output(true, 8), undefined, {}, 2],
  ['a terminal of one colour', output(true, 1), undefined, {}, 0],
  ['a pipe has none', pipe, undefined, {}, 0],
  ['TERM=dumb has none', terminal, undefined, { TERM: 'dumb' }, 0],
  ['NO_COLOR has none', terminal, undefined, { NO_COLOR: '1' }, 0],
  ['an empty NO_COLOR says nothing', terminal, undefined, { NO_COLOR: '' }, 3],
  ['FORCE_COLOR wins over NO_COLOR', pipe, undefined, { FORCE_COLOR: '1', NO_COLOR: '1' }, 1],
  ['FORCE_COLOR wins over TERM=dumb', pipe, undefined, { FORCE_COLOR: 'true', TERM: 'dumb' }, 1],
  ['FORCE_COLOR names the level', pipe, undefined, { FORCE_COLOR: '3' }, 3],
  ['FORCE_COLOR=0 forbids', terminal, undefined, { FORCE_COLOR: '0' }, 0],
  ['--color wins over NO_COLOR', pipe, true, { NO_COLOR: '1' }, 1],
  ['--color wins over FORCE_COLOR=0', terminal, true, { FORCE_COLOR: '0' }, 3],
  ['--no-color wins over FORCE_COLOR', terminal, false, { FORCE_COLOR: '3' }, 0],
] as const)('colour: %s', (_title, output, flag, environment, level) => {
  expect(colorLevel({ ...output, flag, environment })).toBe(level);
});

test('the last of --color and --no-color counts, and what follows -- is no flag', () => {
  expect(speechFlags(['ls', '--color', '--no-color'])).toEqual({ color: false, json: false });
  expect(speechFlags(['ls', '--json', '--', '--no-color'])).toEqual({ color: undefined, json: true });
});

function output(isTerminal: boolean, depth: number) {
  return { isTerminal, colorDepth: () => depth };
}
