import { expect, test } from 'vitest';
import type { OutputReader } from '../../src/supervisor/output.js';
import { makeWorld } from './world.js';

const everything = { sources: undefined, tail: undefined, since: undefined };

function textsOf(reader: OutputReader): string[] {
  const texts: string[] = [];
  for (let step = reader.next(); step !== undefined; step = reader.next()) {
    if (step.kind === 'line') texts.push(step.line.text);
  }
  return texts;
}

test('what runs prints under the name of its service and under its own, before its first line, too', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: 'sleep 60', replicas: 2 }, job: { command: 'echo done', restart: 'never' } });

  expect(world.supervisor.sourceNamed('web')).toEqual({ service: 'web' });
  expect(world.supervisor.sourceNamed('web-2')).toMatchObject({ service: 'web', replica: 'web-2' });
  expect(world.supervisor.sourceNamed('web-3')).toBeUndefined();
  expect(world.supervisor.sourceNamed('orders')).toBeUndefined();
});

test('the last words of a process that is gone, and of a service that is no more, can still be read', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: 'echo "I am $$"; sleep 60', replicas: 1 } });
  await world.printed(/I am/);
  await world.apply({});

  const source = world.supervisor.sourceNamed('web-1');
  expect(source).toEqual({ service: 'web', replica: 'web-1' });
  expect(world.supervisor.sourceNamed('web')).toEqual({ service: 'web' });
  const read = textsOf(world.supervisor.readOutput(everything));
  expect(read).toEqual(world.lines.map(({ text }) => text));
  expect(read[0]).toMatch(/^I am \d+$/);
});
