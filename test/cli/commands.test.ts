import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import type { FakeTerminalOptions } from '../support/terminal.js';
import { FakeTerminal } from '../support/terminal.js';
import { instanceView, routeView, servicesView, serviceView, workerView } from '../support/views.js';
import { AdminStub } from './admin-stub.js';

const orders = serviceView({
  routes: [routeView({ host: 'shop.localhost', path: '/api' })],
  instances: [
    instanceView(),
    instanceView({ id: 'by-hand', address: '127.0.0.1:4002', source: 'registered' }),
    instanceView({ id: 'by-hand-2', address: '127.0.0.1:4003', source: 'registered' }),
  ],
});

let admin: AdminStub;

beforeEach(async () => {
  admin = await AdminStub.open(servicesView([serviceView({ name: 'web' }), orders, workerView()]));
});

afterEach(() => admin.close());

function terminalOf(options: FakeTerminalOptions = {}): FakeTerminal {
  const environment = { MESH_ADMIN_URL: admin.url, MESH_TOKEN: AdminStub.token, ...options.environment };
  return new FakeTerminal({ ...options, environment });
}

async function mesh(line: string, options?: FakeTerminalOptions) {
  const terminal = terminalOf(options);
  const exitCode = await run(line.split(' '), terminal);
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

test('ls draws a table, and --json is exactly what the admin API says', async () => {
  const { exitCode, stdout, stderr } = await mesh('ls');

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^SERVICE .*\nweb +ready .*1\/1 .*\norders +ready .*3\/3 .*\nshoppers +running +worker\n$/);
  expect(JSON.parse((await mesh('ls --json')).stdout)).toEqual(admin.view);
});

test('ls is coloured on a terminal only', async () => {
  expect((await mesh('ls', { isTerminal: true })).stdout).toContain('\u001b[32m');
  expect((await mesh('ls', { isTerminal: true, environment: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b');
});

test('inspect shows the instances, the routes and the processes of one service', async () => {
  const { stdout } = await mesh('inspect orders');

  expect(stdout).toMatch(/^orders {2}ready\n/);
  expect(stdout).toContain('shop.localhost/api');
  expect(stdout).toMatch(/by-hand .*127\.0\.0\.1:4002 .*registered/);
  expect(JSON.parse((await mesh('inspect orders --json')).stdout)).toEqual({ schemaVersion: 1, ...orders });
});

test('inspect of a service that is not there passes on the suggestion of the mesh', async () => {
  expect(await mesh('inspect order')).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'error: There is no service `order`\n  hint: Did you mean `orders`?\n',
  });
});

test('register adds each address under an id made of it', async () => {
  const { exitCode, stdout } = await mesh('register orders 127.0.0.1:4001 [::1]:4002');

  expect(exitCode).toBe(0);
  expect(admin.asked).toEqual(['register orders 127.0.0.1-4001', 'register orders ip6---1--4002']);
  expect(stdout).toContain('registered 127.0.0.1-4001 of orders at 127.0.0.1:4001, weight 1\n');
});

test('register passes on everything that is said of an instance, and tells how to keep a lease', async () => {
  const line = 'register orders 127.0.0.1:1 --id a --weight 3 --version v2 --meta zone=b --meta owner=x=y --ttl 30s';
  const { stdout, stderr } = await mesh(line);
  const { instances } = JSON.parse((await mesh(`${line} --json`)).stdout);

  expect(stdout).toBe('registered a of orders at 127.0.0.1:1, weight 3\n');
  expect(stderr).toContain('a is removed unless a heartbeat comes at least every 30s');
  expect(stderr).toContain('/v1/services/orders/instances/a/heartbeat');
  expect(instances).toMatchObject([
    { id: 'a', weight: 3, version: 'v2', metadata: { zone: 'b', owner: 'x=y' }, lease: { ttl: 30_000 } },
  ]);
});

test.each(['nowhere', '127.0.0.1', 'host:99999'])(
  'register refuses the address %s before anything is asked',
  async (address) => {
    expect(await mesh(`register orders 127.0.0.1:1 ${address}`)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`\`${address}\` is not an address`),
    });
    expect(admin.asked).toEqual([]);
  },
);

test('deregister takes out one instance, or all that were registered', async () => {
  expect((await mesh('deregister orders 127.0.0.1:4002')).stdout).toBe('deregistered 127.0.0.1:4002 of orders\n');
  expect((await mesh('deregister orders')).stdout).toBe(
    'deregistered by-hand of orders\nderegistered by-hand-2 of orders\n',
  );
  expect(admin.asked).toEqual([
    'deregister orders 127.0.0.1:4002',
    'deregister orders by-hand',
    'deregister orders by-hand-2',
  ]);
  expect(await mesh('deregister web')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('`web` has no registered instance'),
  });
});

test('split says who gets how much, what decides, and that it is over', async () => {
  expect((await mesh('split orders v1=90% v2=10%')).stdout).toBe(
    'orders is not split: its instances get requests by their weights\n', // what the stub always says
  );
  await mesh('split orders v1=1 v2=1.5 --by cookie:user');
  await mesh('split orders --clear');
  await mesh('split orders');

  expect(admin.asked).toEqual([
    'split orders {"versions":{"v1":90,"v2":10}}',
    'split orders {"versions":{"v1":1,"v2":1.5},"by":{"kind":"cookie","name":"user"}}',
    'split orders undefined',
  ]);
});

test.each([
  ['v1', '`v1` is no share of a version'],
  ['v1=-1', '`v1=-1` is no share of a version'],
  ['v1=0 v2=0', 'No version has a share'],
  ['v1=1 v1=2', '`v1` has two shares'],
  ['v1=90% v2=20%', 'The shares are 110% in all'],
  ['v1=90% v2=10', 'not all of them are percentages'],
  ['v1=1 --clear', '`--clear` goes without shares'],
  ['--by path', '`--by` goes with shares'],
  ['v1=1 --by cookie', '`cookie` is nothing of a request that could decide'],
])('split orders %s is told before anything is asked', async (words, message) => {
  expect(await mesh(`split orders ${words}`)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  expect(admin.asked).toEqual([]);
});

test('token prints the token and nothing else', async () => {
  expect(await mesh('token')).toEqual({ exitCode: 0, stdout: 'secret\n', stderr: '' });
});

test('a wrong token is told as the mesh tells it', async () => {
  const { exitCode, stderr } = await mesh('ls', { environment: { MESH_TOKEN: 'wrong' } });

  expect(exitCode).toBe(1);
  expect(stderr).toContain('mesh token');
});

test('a mesh that does not answer is none', async () => {
  const environment = { MESH_ADMIN_URL: admin.url, MESH_TOKEN: AdminStub.token };
  await admin.close();
  const terminal = new FakeTerminal({ environment });

  expect(await run(['ls'], terminal)).toBe(3);
});

test('down returns when the mesh has gone', async () => {
  const terminal = terminalOf();
  const ended = run(['down'], terminal);
  await terminal.whenPaused();
  expect(admin.asked).toEqual(['shutdown']);
  expect(terminal.stdout.text).toBe('');

  await admin.close();
  terminal.tick();

  expect(await ended).toBe(0);
  expect(terminal.stdout.text).toBe('shop has stopped\n');
});

test('down gives up on a mesh that does not end, and says how to end it', async () => {
  const terminal = terminalOf();
  const ended = run(['down', '--wait-timeout', '0s'], terminal);
  await terminal.whenPaused();
  terminal.tick();

  expect(await ended).toBe(1);
  expect(terminal.stderr.text).toContain(`kill -9 ${process.pid}`);
});

test('a shell that completes a service is given the names of those that run', async () => {
  const written = vi.spyOn(console, 'log').mockImplementation(() => {}); // tab writes by itself
  try {
    expect((await mesh('complete -- inspect o')).exitCode).toBe(0);
    expect(written.mock.calls.flat()).toEqual(['orders\tservice', ':4']);
  } finally {
    written.mockRestore();
  }
});
