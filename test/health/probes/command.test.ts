import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CheckPlan } from '../../../src/health/active.js';
import { HealthChecker } from '../../../src/health/active.js';
import { probeCommand } from '../../../src/health/probes/command.js';
import { Registry } from '../../../src/registry/registry.js';
import { memoryStore } from '../../../src/registry/stores/memory.js';
import { isGroupAlive } from '../../../src/supervisor/process-group.js';
import { ManualClock } from '../../support/manual-clock.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-probe-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const address = { host: '127.0.0.1', port: 4_001 };
const { signal: never } = new AbortController();

const probe = (command: string, signal = never) =>
  probeCommand({ kind: 'command', command, directory }, 'orders-1')(address, signal);

test.each([
  ['true', { kind: 'passed' }],
  ['echo something is odd; exit 0', { kind: 'passed' }],
  ['exit 3', { kind: 'failed', reason: 'ended with 3' }],
  ['echo first; echo "  no database  " >&2; echo; exit 1', { kind: 'failed', reason: 'ended with 1: no database' }],
  ['printf "\\033[31mred\\033[0m\\n"; exit 1', { kind: 'failed', reason: 'ended with 1: \\x1b[31mred\\x1b[0m' }],
  ['printf "10%%\\r20%%"; exit 1', { kind: 'failed', reason: 'ended with 1: 20%' }],
  ['printf "%0100d" 0; exit 1', { kind: 'failed', reason: `ended with 1: ${'0'.repeat(59)}…` }],
  ['kill -s TERM $$', { kind: 'failed', reason: 'ended by SIGTERM' }],
  ['yes', { kind: 'failed', reason: 'printed more than 1MiB' }],
])('%s: %j', async (command, result) => {
  expect(await probe(command)).toEqual(result);
});

test('it is told whom it checks, beside the environment of the mesh, and runs in its directory', async () => {
  vi.stubEnv('DATABASE', 'shop');

  expect(await probe('echo "$HOST:$PORT $INSTANCE $DATABASE" > told')).toEqual({ kind: 'passed' });

  expect(readFileSync(join(directory, 'told'), 'utf8')).toBe('127.0.0.1:4001 orders-1 shop\n');
});

test('a command that cannot be found is told in the words of the shell', async () => {
  expect(await probe('no-such-check')).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/^ended with 127: .*no-such-check.*not found/),
  });
});

test('a directory that is missing is told as such', async () => {
  const missing = join(directory, 'gone');
  const result = await probeCommand({ kind: 'command', command: 'true', directory: missing }, 'orders-1')(
    address,
    never,
  );

  expect(result).toEqual({ kind: 'failed', reason: `the folder ${missing} does not exist` });
});

test('a health check by command decides on the health of the instance', async () => {
  const clock = new ManualClock();
  const registry = new Registry(clock, memoryStore);
  const check = { interval: 5_000, timeout: 1_000, healthyThreshold: 1, unhealthyThreshold: 1 };
  const command = 'echo only b; test "$INSTANCE" = b';
  const plan: CheckPlan = { until: 'forever', check: { ...check, probe: { kind: 'command', command, directory } } };
  const checker = new HealthChecker({ registry, clock, checkFor: () => plan });
  const put = (id: string) =>
    registry.put('orders', { id, address, weight: 1, version: undefined, metadata: {} }, 'file', 'unknown');
  const [a, b] = [put('a'), put('b')];
  checker.start();

  await vi.waitFor(() => expect([a.health, b.health]).toEqual(['unhealthy', 'healthy']));

  expect(a.healthReason).toBe('ended with 1: only b');
  await checker.close();
});

/** The shell's pid, which is that of its group, once it has written it. */
async function groupOf(file: string): Promise<number> {
  return vi.waitFor(() => {
    const group = Number(readFileSync(join(directory, file), 'utf8'));
    expect(group).toBeGreaterThan(0);
    return group;
  });
}

test('when its time is up, all of it is killed and gone, what it has started too', async () => {
  const cut = new AbortController();
  const result = probe("trap '' TERM; sleep 600 & echo $$ > group; wait", cut.signal);
  const group = await groupOf('group');
  expect(isGroupAlive(group)).toBe(true);

  cut.abort();

  expect(await result).toEqual({ kind: 'failed', reason: 'ended by SIGKILL' });
  await vi.waitFor(() => expect(isGroupAlive(group)).toBe(false));
});

test('what it leaves running is ended with it', async () => {
  expect(await probe('echo $$ > group; sleep 600 &')).toEqual({ kind: 'passed' });

  const group = await groupOf('group');
  await vi.waitFor(() => expect(isGroupAlive(group)).toBe(false));
});

test.runIf(process.platform === 'linux')(
  'a daemon that has left the group and holds the output open is not waited for longer than the time',
  async () => {
    const cut = new AbortController();
    const result = probe(
      "setsid sh -c 'echo $$ > daemon; exec sleep 600' & until [ -s daemon ]; do :; done",
      cut.signal,
    );
    const daemon = await groupOf('daemon');

    cut.abort();
    await result;

    const isLeftAlone = isGroupAlive(daemon);
    process.kill(daemon, 'SIGKILL');
    expect(isLeftAlone).toBe(true);
  },
);
