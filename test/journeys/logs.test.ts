import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { get, Journey } from '../support/mesh-cli.js';

/** Two replicas that print each path they are asked for, a worker with bad manners, and a service that runs elsewhere. */
const shop = `
name: shop
gateway: { port: 0 }
admin: { port: 0 }
services:
  web:
    command: ${process.execPath} web.mjs
    replicas: 2
  job:
    command: printf '\\033]0;owned\\007one\\ntwo\\n'; sleep 600
    expose: false
  payments:
    instances: ["127.0.0.1:9"]
`;

const web = `
import http from 'node:http';
const server = http.createServer((request, response) => {
  console.log('asked for ' + request.url);
  response.end('ok');
});
server.listen(process.env.PORT, '127.0.0.1', () => console.error('listening'));
`;

/** It answers, and prints as fast as it is let. */
const chatty = `
import http from 'node:http';
http.createServer((request, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1');
let count = 0;
const print = () => {
  let lines = '';
  for (let line = 0; line < 1_000; line++) lines += count++ + ' ' + 'x'.repeat(90) + '\\n';
  process.stdout.write(lines, print);
};
print();
`;

async function beginShop(): Promise<Journey> {
  const journey = await Journey.begin(shop);
  await journey.write('web.mjs', web);
  return journey;
}

test('a person looks for what a service has said, by name, by pattern and as data', async () => {
  await using journey = await beginShop();
  const { gatewayPort } = await journey.up();
  for (const path of ['/a', '/b', '/c', '/d']) await get(gatewayPort, 'web', path);

  const all = await journey.run('logs');
  expect(all).toMatchObject({ code: 0, stderr: '' });
  expect(all.stdout.match(/^web-[12] \| asked for \/[abcd]$/gm)).toHaveLength(4);
  expect(all.stdout).toContain('job-1 | \\x1b]0;owned\\x07one\njob-1 | two\n');
  expect(all.stdout).not.toContain('\u001b');

  expect((await journey.run('logs', 'job', '--tail', '1')).stdout).toBe('job-1 | two\n');
  const replica = await journey.run('logs', 'web-2', '--since', '5m');
  expect(replica.stdout).toMatch(/^(?:web-2 \| .*\n)+$/);
  const found = await journey.run('logs', '--grep', '/[bc]$', '--json');
  const lines = found.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ text }) => text)).toEqual(['asked for /b', 'asked for /c']);
  expect(lines[0]).toMatchObject({ schemaVersion: 1, type: 'line', service: 'web', stream: 'stdout' });
});

test('what has no output is told, and what is no pattern', async () => {
  await using journey = await beginShop();
  await journey.up();

  expect(await journey.run('logs', 'payments')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('The mesh runs no process of `payments`'),
  });
  expect(await journey.run('logs', 'jbo')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Did you mean `job`?'),
  });
  expect(await journey.run('logs', '--grep', '(')).toMatchObject({ code: 2, stdout: '' });
});

test('-f goes on until Ctrl-C, or until the mesh ends, and says so', async () => {
  await using journey = await beginShop();
  const up = await journey.up();
  const interrupted = journey.start('logs', '-f', 'web');
  const faithful = journey.start('logs', '-f', '--tail', '0');
  await interrupted.says(/listening/);
  const ask = () => get(up.gatewayPort, 'web', '/live').then(() => faithful.stdout); // until it has begun
  await expect.poll(ask, { timeout: 30_000 }).toContain('asked for /live');
  await interrupted.says(/asked for \/live/);

  interrupted.interrupt();
  expect(await interrupted.ended()).toMatchObject({ code: 130 });

  expect(await journey.run('down')).toMatchObject({ code: 0 });
  expect(await faithful.ended()).toMatchObject({ code: 0 });
  expect(faithful.stderr).toBe('shop has ended\n');
});

test('a follower that does not read costs neither itself nor the mesh memory and is told what it has missed, and `| head` ends one', async () => {
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
services: { chatty: { command: ${process.execPath} chatty.mjs } }
`);
  await journey.write('chatty.mjs', chatty);
  const up = await journey.up();
  const follower = journey.start('logs', '-f');
  await follower.says(/chatty-1/);

  follower.stopReading();
  const answers = new Set<number>();
  const began = Date.now();
  while (Date.now() - began < 3_000) answers.add((await get(up.gatewayPort, 'chatty')).status);
  expect(answers).toEqual(new Set([200]));
  expect(residentMegabytes(up.pid)).toBeLessThan(250);
  expect(residentMegabytes(follower.pid)).toBeLessThan(250);

  follower.readOn();
  await follower.says(/mesh +\| … \d+ lines of chatty were left out: the reader was too slow/);
  follower.interrupt();
  expect(await follower.ended()).toMatchObject({ code: 130 });

  const head = await journey.shell('"$NODE" "$MESH" logs -f | head -n 1');
  expect(head).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^chatty-1 \| .*\n$/) });
});

function residentMegabytes(pid: number): number {
  const [, kilobytes = 'NaN'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}
