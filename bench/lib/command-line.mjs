import { parseArgs } from 'node:util';

/** Options that are whole numbers or lists, and names from a closed set. @throws with what was expected */
export function readArguments(options, { names = [] } = {}) {
  const { values, positionals } = parseArgs({
    options: Object.fromEntries(Object.keys(options).map((name) => [name, { type: 'string' }])),
    allowPositionals: true,
  });
  for (const name of positionals) expectOneOf(names, name);
  const read = Object.entries(options).map(([name, option]) => [name, value(name, option, values[name])]);
  return { ...Object.fromEntries(read), positionals };
}

/** A number that is greater than zero. */
export function amount(fallback) {
  return { fallback, read: (text) => (Number(text) > 0 ? Number(text) : undefined), expected: 'a number above 0' };
}

export function wholeNumber(fallback, minimum = 1) {
  const read = (text) => (Number.isInteger(Number(text)) && Number(text) >= minimum ? Number(text) : undefined);
  return { fallback, read, expected: `a whole number from ${minimum}` };
}

/** Some of these names, with commas between them. */
export function someOf(names) {
  return {
    fallback: undefined,
    read: (text) => text.split(',').map((name) => expectOneOf(names, name)),
    expected: names.join(', '),
  };
}

function value(name, { fallback, read, expected }, text) {
  if (text === undefined) return fallback;
  const given = read(text);
  if (given === undefined) throw new Error(`--${name}: expected ${expected}, got \`${text}\``);
  return given;
}

function expectOneOf(names, name) {
  if (!names.includes(name)) throw new Error(`\`${name}\` is none of ${names.join(', ')}`);
  return name;
}
