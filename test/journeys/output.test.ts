import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { get, Journey } from '../support/mesh-cli.js';

/** A service that answers, and prints as fast as it is let. */
const chatty = `
gateway: { port: 0 }
admin: { port: 0 }
services:
  chatty:
    command: ${process.execPath} chatty.mjs
`;

const program = `
import http from 'node:http';
http.createServer((request, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1');
const lines = ('x'.repeat(99) + '\\n').repeat(1_000);
const print = () => process.stdout.write(lines, print);
print();
`;

test('a reader that does not read stops neither the mesh nor its services, and costs no memory', async () => {
  await using journey = await Journey.begin(chatty);
  await journey.write('chatty.mjs', program);
  const up = await journey.up();

  up.stopReading();
  const answers: number[] = [];
  const began = Date.now();
  while (Date.now() - began < 3_000) answers.push((await get(up.gatewayPort, 'chatty')).status);
  expect(answers.length).toBeGreaterThan(100);
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(residentMegabytes(up.pid)).toBeLessThan(250);

  up.readOn();
  await up.says(/mesh\s+\| … \d+ lines were left out: the reader was too slow/);
  up.interrupt();
  expect(await up.ended()).toMatchObject({ code: 0 });
});

test('a mesh whose output nobody reads can be stopped', async () => {
  await using journey = await Journey.begin(chatty);
  await journey.write('chatty.mjs', program);
  const up = await journey.up();
  up.stopReading();
  for (let count = 0; count < 50; count++) await get(up.gatewayPort, 'chatty');

  expect(await journey.run('down')).toMatchObject({ code: 0 });
  up.readOn();
  await up.ended();
});

test('a disk that is full is told, once', async () => {
  await using journey = await Journey.begin(chatty);
  const full = await journey.shell('"$NODE" "$MESH" config > /dev/full');
  expect(full.code).toBe(1);
  expect(full.stderr).toMatch(/^error: the output is not whole: ENOSPC[^\n]*\n$/);
});

test('what is written to one place keeps its order', async () => {
  await using journey = await Journey.begin(chatty);
  const { stdout } = await journey.shell('"$NODE" "$MESH" config 2>&1; "$NODE" "$MESH" confg 2>&1');
  expect(stdout).toMatch(/services:.*error: There is no command `confg`\n {2}hint: /s);
});

function residentMegabytes(pid: number): number {
  const [, kilobytes = 'NaN'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}
