import { expect, test } from 'vitest';
import { shellScript } from '../../src/supervisor/shell.js';

test.each([
  'node web.mjs',
  'npm run dev',
  './bin/server --port=8080 --name "two words"',
  `node -e 'process.exit(3)'`,
  'python3 -m http.server 4001 --bind 127.0.0.1',
])('the plain command %s takes the place of the shell', (command) => {
  expect(shellScript(command)).toBe(`exec ${command}`);
});

test.each([
  'node web.mjs | tee log',
  'echo one; echo two',
  'NODE_ENV=test node web.mjs',
  'node web.mjs --port $PORT',
  'node "$FILE"',
  'node `which web`',
  'cat *.txt',
  'cd app && npm start',
  'exit 3',
  'exec node web.mjs',
  'node web.mjs > log',
  'node web.mjs # the web',
  'node web.mjs\nnode other.mjs',
  'if true; then node web.mjs; fi',
  '~/bin/server',
  'node a\\ b.mjs',
])('the shell keeps %s for itself', (command) => {
  expect(shellScript(command)).toBe(command);
});

test('a long command is looked at in no time', () => {
  const command = `node --${'a'.repeat(100_000)};`;

  expect(shellScript(command)).toBe(command);
});
