import { beforeEach, expect, test } from 'vitest';
import type { EventView, ServicesView, StatusView } from '../../src/admin/wire.js';
import { Narrator } from '../../src/cli/commands/up-narrator.js';
import { listenToShortcuts } from '../../src/cli/commands/up-shortcuts.js';
import { createContext } from '../../src/cli/context.js';
import { StopRequests } from '../../src/cli/stop-requests.js';
import { Emitter } from '../../src/foundation/emitter.js';
import type { MeshEvents } from '../../src/mesh/events.js';
import { FakeTerminal } from '../support/terminal.js';
import { processView, servicesView, serviceView, statusView } from '../support/views.js';

const noFlags = { color: undefined, json: false };

let terminal: FakeTerminal;
let events: Emitter<MeshEvents>;
let view: ServicesView;
let status: StatusView;

beforeEach(() => {
  terminal = new FakeTerminal();
  events = new Emitter();
  view = servicesView([serviceView({ name: 'web' }), serviceView()]);
  status = statusView();
});

function narrate(): Narrator {
  const on: Emitter<MeshEvents>['on'] = (name, listener) => events.on(name, listener);
  const processes = (name: string) => view.services.find((service) => service.name === name)?.processes ?? [];
  const control = { services: () => view, processes, status: () => status };
  return new Narrator(createContext(terminal, noFlags), { name: 'shop', control, on });
}

function event(type: EventView['type'], message: string, instance: string | null = null): void {
  events.emit('event', { type, tone: 'quiet', at: 0, service: 'orders', instance, message });
}

test('the output of services goes to stdout, what the mesh says to stderr', () => {
  narrate().started();
  const line = { service: 'web', replica: 'web-1', at: 0 } as const;

  events.emit('output', { ...line, stream: 'stdout', text: 'listening' });
  events.emit('output', { ...line, stream: 'stderr', text: 'a warning \u001b[2J' });
  events.emit('output', { ...line, stream: 'mesh', text: 'restarting: web.js changed' });
  event('health-changed', 'orders-1 of orders is unhealthy (GET /healthz: 503)', 'orders-1');
  events.emit('stopping', { at: 0 });

  expect(terminal.stdout.text).toBe('web-1    | listening\nweb-1    | a warning \\x1b[2J\n');
  expect(terminal.stderr.text).toBe(
    [
      'web-1    | restarting: web.js changed',
      'mesh     | orders-1 of orders is unhealthy (GET /healthz: 503)',
      'mesh     | stopping shop\n',
    ].join('\n'),
  );
});

test('comings and goings are news once the mesh is up, and never those of its own processes', () => {
  const narrator = narrate();
  event('instance-added', 'by-hand of orders joined at 127.0.0.1:4002', 'by-hand');
  expect(terminal.stderr.text).toBe('');

  narrator.up(true);
  event('instance-added', 'orders-1 of orders joined at 127.0.0.1:4001', 'orders-1');
  event('instance-added', 'by-hand of orders joined at 127.0.0.1:4002', 'by-hand');

  expect(terminal.stderr.text).toBe('mesh     | by-hand of orders joined at 127.0.0.1:4002\n');
});

test('a mesh that was up before it was ready says when it is', () => {
  const narrator = narrate();
  status = statusView({ ready: false, waiting: ['orders'] });
  narrator.up(false);

  event('process-state', 'orders-1 is starting on port 4001', 'orders-1');
  status = statusView();
  event('process-state', 'orders-1 is ready', 'orders-1');
  event('process-state', 'web-1 is ready', 'web-1');

  expect(terminal.stderr.text.match(/shop is ready/g)).toHaveLength(1);
  expect(terminal.stderr.text).toMatch(/orders-1 is ready\nmesh +\| shop is ready\nmesh +\| web-1 is ready\n$/);
});

test('output that nobody takes is left out, and how much of it is said when somebody reads again', async () => {
  narrate();
  const line = { service: 'web', replica: 'web-1', stream: 'stdout', at: 0 } as const;

  events.emit('output', { ...line, text: 'before' });
  terminal.stdout.untaken = 2_000_000;
  for (let count = 0; count < 3; count++) events.emit('output', { ...line, text: 'lost' });
  terminal.stdout.take();
  await new Promise(setImmediate);
  events.emit('output', { ...line, text: 'after' });

  expect(terminal.stdout.text.split('\n')).toEqual([
    'web-1    | before',
    'mesh     | … 3 lines were left out: the reader was too slow',
    'web-1    | after',
    '',
  ]);
});

test('a crash loop is told with the last lines of output, once', () => {
  narrate();
  const looping = processView({ crashLooping: true, state: 'backing-off', lastOutput: ['Error: no database'] });
  view = servicesView([serviceView({ processes: [looping] })]);

  event('process-state', 'orders-1 is crash looping: ended with code 1; starts again in 2s', 'orders-1');
  event('process-state', 'orders-1 is crash looping: ended with code 1; starts again in 4s', 'orders-1');

  expect(terminal.stderr.text.split('\n')).toEqual([
    'mesh     | orders-1 is crash looping: ended with code 1; starts again in 2s',
    'mesh     |   | Error: no database',
    'mesh     | orders-1 is crash looping: ended with code 1; starts again in 4s',
    '',
  ]);
});

test('a rejected reload is shown with its diagnostics, line by line', () => {
  narrate();
  event('reload-rejected', 'not taken up:\nmesh.yaml:2:10 error: unknown key `comand`\n    2 |   web: { comand: x }');

  expect(terminal.stderr.text).toBe(
    [
      'mesh     | not taken up:',
      'mesh     | mesh.yaml:2:10 error: unknown key `comand`',
      'mesh     |     2 |   web: { comand: x }\n',
    ].join('\n'),
  );
});

test('a mesh that never started does not say that it stops', () => {
  narrate();
  events.emit('stopping', { at: 0 });

  expect(terminal.stderr.text).toBe('');
});

test('nothing is said after the end', () => {
  narrate().close();
  event('warning', 'too late');

  expect(terminal.stderr.text).toBe('');
});

test('the first Ctrl-C asks in good order, the second by force', async () => {
  const stops = new StopRequests(terminal);
  expect(stops.requested).toBe(false);

  terminal.signal('SIGINT');
  await stops.first;
  terminal.time += 1_000;
  terminal.signal('SIGTERM');

  expect(await stops.second).toBe(143);
  stops.close();
  expect(terminal.listeners).toBe(0);
});

test('the same Ctrl-C, handed on by npm, is not a second one; nor is the terminal that closes', async () => {
  const stops = new StopRequests(terminal);
  let forced = false;
  void stops.second.then(() => {
    forced = true;
  });

  terminal.signal('SIGINT');
  terminal.time += 20;
  terminal.signal('SIGINT');
  terminal.time += 1_000;
  expect(stops.exitCode).toBe(0);
  terminal.signal('SIGHUP');
  terminal.close();
  stops.request();
  await stops.first;
  await new Promise(setImmediate);

  expect(forced).toBe(false);
  expect(stops.exitCode).toBe(129);
});

test.each([
  ['a terminal', true, 129],
  ['a pipe', false, 0],
])('%s that is gone without a signal asks, too', async (_, isTerminal, exitCode) => {
  const gone = new FakeTerminal({ isTerminal });
  const stops = new StopRequests(gone);
  gone.close();
  await stops.first;
  expect(stops.exitCode).toBe(exitCode);
  stops.close();
});

test('letters and enter are shortcuts for a person at a terminal, and for nobody else', async () => {
  const reloads: string[] = [];
  const control = {
    services: () => view,
    async reload() {
      reloads.push('reload');
      return { outcome: 'unchanged' as const, message: 'the mesh file says what runs already', diagnostics: [] };
    },
  };
  const person = new FakeTerminal({ isTerminal: true, environment: { NO_COLOR: '1' } });
  const stops = new StopRequests(person);
  const end = listenToShortcuts(createContext(person, noFlags), control, stops);

  person.type('h');
  expect(person.stderr.text).toMatch(/h \+ enter {2}show this help[\s\S]*q \+ enter {2}stop everything and quit/);
  person.type('l');
  expect(person.stderr.text).toMatch(/^orders .*1\/1/m);
  person.type('x');
  expect(person.stderr.text).toContain('press h + enter to show help');
  person.type(' r ');
  await new Promise(setImmediate);
  expect(reloads).toEqual(['reload']);
  expect(person.stderr.text).toContain('the mesh file says what runs already');
  person.type('q');
  expect(stops.requested).toBe(true);
  end();
  stops.close();
  expect(person.listeners).toBe(0);

  listenToShortcuts(createContext(terminal, noFlags), control, stops);
  expect(terminal.listeners).toBe(0);
});
