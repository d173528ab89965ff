import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { answering, get, Journey } from '../support/mesh-cli.js';

test('`mesh up -d` returns when all is ready, and `mesh down` ends it', async () => {
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
services:
  payments: { command: ${JSON.stringify(answering('payments'))} }
  orders: { command: ${JSON.stringify(answering('orders'))}, dependsOn: [payments] }
`);

  const up = await journey.run('up', '-d');

  expect(up).toMatchObject({ code: 0 });
  const port = Number(/Gateway:\s+http:\/\/\S*?:(\d+)/.exec(up.stdout + up.stderr)?.[1]);
  expect((await get(port, 'orders')).status).toBe(200);
  expect(await journey.run('down')).toMatchObject({ code: 0 });
  await expect(get(port, 'orders')).rejects.toThrow('ECONNREFUSED');
});

test('`mesh up -d` ends with 4 and shows the output of the service that does not come up', async () => {
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
services:
  broken: { command: "echo no database here; exit 3", restart: never }
`);

  const up = await journey.run('up', '-d');

  expect(up).toMatchObject({ code: 4 });
  expect(up.stderr).toContain('no database here');
  expect(await journey.run('ls')).toMatchObject({ code: 3 });
});

test('the output of a mesh in the background is turned over by size, and that of the run before is kept', async () => {
  const line = 'x'.repeat(1_000);
  const program = `let n=0;const t=setInterval(()=>{for(let i=0;i<200;i++)console.log(n+' ${line}');if(++n>60)clearInterval(t)},5);setInterval(()=>{},1e6)`;
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
services:
  chatty: { command: ${JSON.stringify(`${process.execPath} -e "${program}"`)}, expose: false }
  quiet: { command: ${JSON.stringify(answering('quiet'))} }
`);
  const log = join(journey.directory, '.mesh', 'mesh.log');
  try {
    expect(await journey.run('up', '-d')).toMatchObject({ code: 0 });
    await vi.waitFor(async () => {
      const [full, text] = await Promise.all([stat(`${log}.1`), readFile(log, 'utf8')]);
      expect(full.size).toBeLessThanOrEqual(10 * 1_024 ** 2);
      expect(text.length).toBeLessThan(full.size);
      expect(text).toMatch(/^\w+-1\s+\| \S/); // a whole line
    }, 20_000);
    expect(await journey.run('down')).toMatchObject({ code: 0 });
    expect(await readFile(log, 'utf8')).toContain('has stopped');

    expect(await journey.run('up', '-d', 'quiet')).toMatchObject({ code: 0 });
    expect(await readFile(`${log}.1`, 'utf8')).toContain('has stopped');
    expect(await readFile(log, 'utf8')).toContain('ready in');
  } finally {
    await journey.run('down');
  }
});
