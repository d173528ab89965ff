import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.js';
import { startAdmin, token } from '../support/admin.js';
import { FakeTerminal } from '../support/terminal.js';
import { storyView } from '../support/views.js';

const { traceId } = storyView();

let admin: Awaited<ReturnType<typeof startAdmin>>;

beforeEach(async () => {
  admin = await startAdmin();
});

afterEach(() => admin[Symbol.asyncDispose]());

async function explain(...words: string[]) {
  const terminal = new FakeTerminal({
    environment: { MESH_ADMIN_URL: `http://127.0.0.1:${admin.port}`, MESH_TOKEN: token },
  });
  const exitCode = await run(['explain', ...words], terminal);
  return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

function print(replica: string, text: string, at: number): void {
  admin.print({ service: replica.replace(/-\d+$/, ''), replica, stream: 'stdout', text, at });
}

test('the story ends with what the services have printed of it, and when', async () => {
  print('web-1', `before ${traceId}`, -5);
  print('orders-1', 'of another', 1);
  print('orders-1', `trace_id=${traceId} \u001b[2Jrefused`, 12);

  const { exitCode, stdout } = await explain('abc');

  expect(exitCode).toBe(0);
  expect(stdout.split('\n\n').at(-1)).toBe(
    `   -5 ms  web-1    | before ${traceId}\n  +12 ms  orders-1 | trace_id=${traceId} \\x1b[2Jrefused\n`,
  );
});

test('of many lines fifty are shown, and how to see the others', async () => {
  for (let count = 0; count < 60; count++) print('web-1', `${count} ${traceId}`, count);

  const lines = (await explain('abc')).stdout.split('\n\n').at(-1)?.trimEnd().split('\n') ?? [];
  expect(lines).toHaveLength(51);
  expect(lines[49]).toContain('49 ');
  expect(lines[50]).toBe('  … and 10 more: mesh logs --trace abc');

  expect(JSON.parse((await explain('abc', '--json')).stdout)).toMatchObject({
    exchange: { id: 'abc' },
    lines: expect.objectContaining({ length: 50 }),
    moreLines: 10,
  });
});

test('where nothing was printed, nothing is said of it', async () => {
  expect((await explain('abc')).stdout).toMatch(/body to the client .*\n$/);
});

test.each([[[]], [['']], [['abc', '--last']]])('%j names no exchange', async (words) => {
  const { exitCode, stdout, stderr } = await explain(...words);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('error: Which exchange?');
});
