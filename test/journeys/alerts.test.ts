import { expect, test } from 'vitest';
import { get, Journey } from '../support/mesh-cli.js';

/** Answers /bad with a 500. */
const program = `require('http').createServer((q,r)=>{r.statusCode=q.url==='/bad'?500:200;r.end()}).listen(process.env.PORT,'127.0.0.1')`;

const meshFile = (condition: string) => `
name: shop
gateway: { port: 0 }
admin: { port: 0 }
services:
  orders:
    command: ${JSON.stringify(`exec ${process.execPath} -e "${program}"`)}
    slo: 99%
alerts:
  - { name: orders are failing, service: orders, when: ${condition}, for: 1s }
`;

test('a service fails: `mesh up` says that the alert fires, `ls` shows it, and when all is well again it is resolved', async () => {
  await using journey = await Journey.begin(meshFile('error_rate > 50%'));
  const up = await journey.up();

  const fail = async () => expect((await get(up.gatewayPort, 'orders', '/bad')).status).toBe(500);
  for (let sent = 0; sent < 4; sent++) await fail();
  await up.says(
    /^mesh +\| alert "orders are failing" fires for orders: error_rate > 50% for 1s \(error_rate is 100%\)$/m,
  );
  await fail(); // a command may take its time on a busy machine, and ten seconds without requests are none that failed
  expect((await journey.run('ls')).stdout).toMatch(/BUDGET\norders +ready, alert .* -9900%$/m);
  await fail();
  const inspected = (await journey.run('inspect', 'orders')).stdout;
  expect(inspected).toMatch(/^ {2}alerts +orders are failing$/m);
  expect(inspected).toMatch(/^ {2}slo +99% over 1h · error budget left -9900% · burning at 100×$/m);

  for (let sent = 0; sent < 40; sent++) expect((await get(up.gatewayPort, 'orders')).status).toBe(200);
  await up.says(/^mesh +\| alert "orders are failing" is resolved for orders, after \d+s/m);
  expect((await journey.run('ls')).stdout).not.toContain('alert');
  expect(up.stderr.match(/alert /g)).toHaveLength(2);
});

test('a condition that is wrong is shown while the mesh runs on, and the next one is taken up', async () => {
  await using journey = await Journey.begin(meshFile('error_rate > 50%'));
  const up = await journey.up();

  await journey.write('mesh.yaml', meshFile('eror_rate > 50%'));
  await up.says(/there is no metric `eror_rate`[\s\S]*\^{9}\n[\s\S]*did you mean `error_rate`\?/);
  await journey.write('mesh.yaml', meshFile('healthy_instances < 2'));
  await up.says(/reloaded: ~alerts \(orders are failing\)/);
  await up.says(/fires for orders: healthy_instances < 2 for 1s \(healthy_instances is 1\)/);
});
