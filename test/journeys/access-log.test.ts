import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answering, get, Journey } from '../support/mesh-cli.js';

/** @param accessLog of the mesh file, in YAML */
function fileWith(accessLog: string): string {
  return `
gateway: { port: 0 }
admin: { port: 0 }
telemetry: { accessLog: ${accessLog} }
services:
  orders:
    command: ${JSON.stringify(answering('orders'))}
`;
}

function linesOf(journey: Journey, name: string): Promise<string[]> {
  return readFile(join(journey.directory, name), 'utf8').then((text) => text.split('\n').slice(0, -1));
}

test('a person sees every request in the output of `mesh up`, when it is wanted, and takes it back', async () => {
  await using journey = await Journey.begin(fileWith('off'));
  const up = await journey.up();
  await get(up.gatewayPort, 'orders', '/unseen');

  await journey.write('mesh.yaml', fileWith('text'));
  await up.says(/reloaded: ~telemetry\.accessLog/);
  await get(up.gatewayPort, 'orders', '/seen?id=1');
  await get(up.gatewayPort, 'nobody', '/');
  await up.says(
    /^mesh +\| \S+Z 200 GET orders\.localhost:\d+\/seen\?id=1 127\.0\.0\.1 → orders-1 of orders [\d.]+m?s \d+B$/m,
  );
  await up.says(/^mesh +\| \S+Z 404 GET nobody\.localhost:\d+\/ 127\.0\.0\.1 → - [\d.]+m?s · refused: no_route$/m);
  expect(up.stdout).not.toContain('/unseen');

  await journey.write('mesh.yaml', fileWith('json'));
  await up.says(/reloaded: ~telemetry\.accessLog.*reloaded: ~telemetry\.accessLog/s);
  await get(up.gatewayPort, 'orders', '/json');
  const [, line = ''] = await up.says(/^mesh +\| (\{.*"url\.path":"\/json".*\})$/m);
  expect(JSON.parse(line)).toMatchObject({ 'mesh.service': 'orders', 'http.response.status_code': 200 });
});

test('a file has every request when the mesh has ended, and follows logrotate', async () => {
  await using journey = await Journey.begin(fileWith('{ file: logs/access.log, format: json }'));
  const up = await journey.up();
  await get(up.gatewayPort, 'orders', '/first');
  await expect.poll(() => linesOf(journey, 'logs/access.log')).toHaveLength(1);
  await rename(join(journey.directory, 'logs/access.log'), join(journey.directory, 'logs/yesterday.log'));
  for (let count = 0; count < 20; count++) await get(up.gatewayPort, 'orders', `/${count}`);
  up.interrupt(); // at once: the last lines are still on their way
  await up.ended();

  const paths = (await linesOf(journey, 'logs/access.log')).map((line) => JSON.parse(line)['url.path']);
  expect(paths).toEqual(Array.from({ length: 20 }, (_, count) => `/${count}`));
  expect(await linesOf(journey, 'logs/yesterday.log')).toHaveLength(1);
  expect(up.stdout).not.toContain('url.path');
});

test('a file does not grow beyond its size', async () => {
  await using journey = await Journey.begin(fileWith('{ file: access.log, maxSize: 1KiB, maxFiles: 2 }'));
  const up = await journey.up();
  for (let count = 0; count < 40; count++) await get(up.gatewayPort, 'orders', `/${count}`);
  up.interrupt();
  await up.ended();

  const logs = (await readdir(journey.directory)).filter((name) => name.startsWith('access.log')).sort();
  expect(logs).toEqual(['access.log', 'access.log.1']);
  const texts = await Promise.all(logs.map((name) => readFile(join(journey.directory, name), 'utf8')));
  for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_024);
  expect(texts[0]).toContain('/39 ');
});

test('a disk that is full costs lines and no request', async () => {
  await using journey = await Journey.begin(fileWith('{ file: /dev/full }'));
  const up = await journey.up();
  for (let count = 0; count < 5; count++) expect((await get(up.gatewayPort, 'orders')).status).toBe(200);

  await up.says(/the access log \/dev\/full is left with gaps: ENOSPC/);
  up.interrupt();
  expect(await up.ended()).toMatchObject({ code: 0 });
});
