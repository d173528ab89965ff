import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

const program = (load: string) => `
  ${load}
  const mesh = new ServiceMesh({ gateway: { port: 0 }, admin: { port: 0 }, services: { orders: { instances: ['127.0.0.1:9'] } } });
  await mesh.start();
  console.log(mesh.getService('orders').instances[0].port, new URL(mesh.gatewayUrl).hostname);
  await mesh.stop();
`;

test('the package is imported, started and stopped, and lets the process end by itself', async () => {
  const text = program("import { ServiceMesh } from 'service-mesh';");

  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', text], { cwd: root });

  expect({ stdout, stderr }).toEqual({ stdout: '9 127.0.0.1\n', stderr: '' });
});

test('the package is required by CommonJS, too', async () => {
  const text = `const { ServiceMesh } = require('service-mesh'); (async () => { ${program('')} })();`;

  const { stdout } = await run(process.execPath, ['--input-type=commonjs', '-e', text], { cwd: root });

  expect(stdout).toBe('9 127.0.0.1\n');
});
