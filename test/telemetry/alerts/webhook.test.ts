import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { NotifyConfig } from '../../../src/config/alert-configs.js';
import { Notifier } from '../../../src/telemetry/alerts/notifier.js';
import { freePort } from '../../support/free-port.js';
import { ManualClock } from '../../support/manual-clock.js';
import type { Answer } from '../../support/upstream.js';
import { Upstream } from '../../support/upstream.js';
import { firing, resolved } from './changes.js';

function notifying() {
  const clock = new ManualClock();
  const warnings: string[] = [];
  const notifier = new Notifier({
    clock,
    warn: (message) => warnings.push(message),
    adminUrl: () => 'http://127.0.0.1:8081',
    run: async () => ({ kind: 'code', code: 0 }),
  });
  return { clock, warnings, notifier };
}

function webhook(port: number, path = '/hook'): NotifyConfig {
  return { kind: 'webhook', url: `http://127.0.0.1:${port}${path}` };
}

/** Answers with one after the other; with the last from then on. */
function inTurn(...answers: number[]): Answer {
  return (request, response) => {
    request.resume();
    response.writeHead((answers.length > 1 ? answers.shift() : answers[0]) ?? 200).end();
  };
}

/** How the only receiver fares, when it is so. */
const numbersOf = (notifier: Notifier, notify: NotifyConfig) => notifier.numbers([firing([notify]).alert])[0];

test('a webhook is told in the words of Alertmanager, version 4, that an alert fires', async () => {
  await using receiver = await Upstream.start();
  const { notifier } = notifying();

  notifier.tell(firing([webhook(receiver.port)]));

  await receiver.until(1);
  await receiver.last.ended;
  expect(receiver.targets).toEqual(['POST /hook']);
  expect(receiver.last.fields.get('content-type')).toBe('application/json');
  expect(JSON.parse(receiver.last.body)).toEqual({
    version: '4',
    groupKey: '{}:{alertname="orders are failing", service="orders"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'webhook',
    groupLabels: { alertname: 'orders are failing', service: 'orders' },
    commonLabels: { alertname: 'orders are failing', service: 'orders', severity: 'page' },
    commonAnnotations: {
      summary: 'orders are failing: firing for orders, error_rate is 12.5%',
      description: 'error_rate > 5%, and it is 12.5%',
      value: '0.125',
    },
    externalURL: 'http://127.0.0.1:8081',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'orders are failing', service: 'orders', severity: 'page' },
        annotations: {
          summary: 'orders are failing: firing for orders, error_rate is 12.5%',
          description: 'error_rate > 5%, and it is 12.5%',
          value: '0.125',
        },
        startsAt: '2026-01-01T12:00:00.000Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://127.0.0.1:8081/v1/alerts/orders%20are%20failing',
        fingerprint: '79f1a629bf4d36c1',
      },
    ],
  });
});

test('the end is told with the times of both ends, and the same fingerprint', async () => {
  await using receiver = await Upstream.start();
  const { notifier } = notifying();
  notifier.tell(firing([webhook(receiver.port)]));
  await expect.poll(() => numbersOf(notifier, webhook(receiver.port))?.delivered).toBe(1);

  notifier.tell(resolved([webhook(receiver.port)]));

  await receiver.until(2);
  await receiver.last.ended;
  const [first, second] = receiver.seen.map(({ body }) => JSON.parse(body));
  expect(second).toMatchObject({
    status: 'resolved',
    groupKey: first.groupKey,
    alerts: [
      {
        status: 'resolved',
        startsAt: '2026-01-01T12:00:00.000Z',
        endsAt: '2026-01-01T12:01:00.000Z',
        fingerprint: first.alerts[0].fingerprint,
      },
    ],
  });
});

test('what only waits to fire, or never did, is told to nobody', async () => {
  await using receiver = await Upstream.start();
  const { notifier } = notifying();
  const pending = firing([webhook(receiver.port)], { state: { kind: 'pending', since: 0 } });
  const inactive = firing([webhook(receiver.port)], { state: { kind: 'inactive' } });

  notifier.tell(pending);
  notifier.tell(inactive);
  notifier.tell(firing([{ kind: 'terminal' }]));

  expect(numbersOf(notifier, webhook(receiver.port))).toMatchObject({ waiting: 0, delivered: 0 });
  expect(notifier.numbers([firing([{ kind: 'terminal' }]).alert])).toEqual([]);
});

test.each([500, 503, 429])('after a %i it is tried again, half a second later', async (status) => {
  await using receiver = await Upstream.start(inTurn(status, 200));
  const { clock, notifier, warnings } = notifying();
  const notify = webhook(receiver.port);
  notifier.tell(firing([notify]));
  await expect.poll(() => numbersOf(notifier, notify)?.failure).toBe(`it answered ${status}`);
  await expect.poll(() => clock.next).toBe(500);

  clock.advance(500);

  await expect.poll(() => numbersOf(notifier, notify)).toMatchObject({ delivered: 1, lost: 0, failure: undefined });
  expect(receiver.seen).toHaveLength(2);
  expect(warnings).toEqual([]);
});

test.each([
  [404, 'it answered 404'],
  [302, 'it answered 302, and redirects are not followed'],
])('a %i is final, and so told', async (status, reason) => {
  await using elsewhere = await Upstream.start();
  await using receiver = await Upstream.start((request, response) => {
    request.resume();
    response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/` }).end();
  });
  const { notifier, warnings } = notifying();
  const notify = webhook(receiver.port, '/hook?token=secret');

  notifier.tell(firing([notify]));

  await expect.poll(() => numbersOf(notifier, notify)).toMatchObject({ lost: 1, waiting: 0 });
  expect(warnings).toEqual([
    `alerts are lost on their way to the webhook http://127.0.0.1:${receiver.port}/hook: ${reason}`,
  ]);
  expect(elsewhere.seen).toEqual([]);
});

test('where nobody listens it is tried eight times with growing pauses, and its loss is told once', async () => {
  const { clock, notifier, warnings } = notifying();
  const notify = webhook(await freePort());
  const pauses: number[] = [];
  notifier.tell(firing([notify], { name: 'one' }));
  while (pauses.length < 7) {
    await expect.poll(() => clock.next ?? 0).toBeGreaterThan(0);
    const pause = clock.next ?? 0;
    // Nothing is lost by a try that is under way: its limit stands beside the pause only until it has failed.
    if (pause !== 5_000) {
      pauses.push(pause);
      clock.advance(pause);
    }
    await clock.elapse(0);
  }

  await expect.poll(() => numbersOf(notifier, notify)).toMatchObject({ lost: 1, waiting: 0 });
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
  expect(warnings).toEqual([expect.stringContaining('ECONNREFUSED')]);
  expect(clock.pending).toBe(0);
});

test('a receiver that hangs is given up after five seconds, and holds up no other', async () => {
  await using hanging = await Upstream.start((request) => request.resume());
  await using fine = await Upstream.start();
  const { clock, notifier } = notifying();
  const both = [webhook(hanging.port), webhook(fine.port)];

  notifier.tell(firing(both));

  await fine.until(1);
  await hanging.until(1);
  clock.advance(5_000);
  await expect.poll(() => numbersOf(notifier, webhook(hanging.port))?.failure).toBe('it took longer than 5s');
  expect(numbersOf(notifier, webhook(hanging.port))).toMatchObject({ delivered: 0, waiting: 1, lost: 0 });
});

test('an answer whose body never ends is an answer', async () => {
  let onBegun = () => {};
  const begun = new Promise<void>((resolve) => {
    onBegun = resolve;
  });
  await using receiver = await Upstream.start((request, response) => {
    request.resume().on('end', () => response.writeHead(200).write('to be continued', () => onBegun()));
  });
  const { clock, notifier } = notifying();
  const notify = webhook(receiver.port);
  notifier.tell(firing([notify]));
  await begun;

  await clock.elapse(5_000);

  await expect.poll(() => numbersOf(notifier, notify)).toMatchObject({ delivered: 1, lost: 0 });
});

test('later news of an alert stands in place of what was not sent yet; that of another is sent, too', async () => {
  const told: string[] = [];
  await using receiver = await Upstream.start(async (request, response) => {
    const { status, groupLabels } = JSON.parse(await text(request));
    told.push(`${groupLabels.alertname} ${status}`);
    response.writeHead(told.length === 1 ? 503 : 200).end();
  });
  const { clock, notifier } = notifying();
  const notify = webhook(receiver.port);
  notifier.tell(firing([notify], { name: 'one' }));
  await expect.poll(() => clock.next).toBe(500);
  notifier.tell(firing([notify], { name: 'two' }));
  notifier.tell(resolved([notify], { name: 'one' }));
  expect(numbersOf(notifier, notify)).toMatchObject({ waiting: 2 });

  clock.advance(500);

  await expect.poll(() => numbersOf(notifier, notify)).toMatchObject({ delivered: 2, waiting: 0, lost: 0 });
  expect(told).toEqual(['one firing', 'one resolved', 'two firing']);
});

test('news that come while the news before are on their way are sent behind them', async () => {
  const answers: (() => void)[] = [];
  await using receiver = await Upstream.start((request, response) => {
    request.resume();
    answers.push(() => response.end());
  });
  const { notifier } = notifying();
  const notify = webhook(receiver.port);
  notifier.tell(firing([notify]));
  await receiver.until(1);
  notifier.tell(resolved([notify]));
  answers[0]?.();

  await receiver.until(2);
  answers[1]?.();

  await expect.poll(() => numbersOf(notifier, notify)).toMatchObject({ delivered: 2, waiting: 0 });
});

test('a hundred alerts wait for a receiver, and of more the oldest is lost', async () => {
  await using hanging = await Upstream.start((request) => request.resume());
  const { notifier, warnings } = notifying();
  const notify = webhook(hanging.port);

  for (let count = 0; count < 102; count++) notifier.tell(firing([notify], { name: `alert ${count}` }));

  expect(numbersOf(notifier, notify)).toMatchObject({ waiting: 100, lost: 2 });
  expect(warnings).toEqual([expect.stringContaining('too many wait for it')]);
});

test('the end of the mesh waits two seconds for a receiver that hangs, and leaves nothing behind', async () => {
  await using hanging = await Upstream.start((request) => request.resume());
  const { clock, notifier, warnings } = notifying();
  const notify = webhook(hanging.port);
  notifier.tell(firing([notify]));
  await hanging.until(1);

  const closed = notifier.close();
  await clock.elapse(2_000);
  await closed;

  expect(numbersOf(notifier, notify)).toMatchObject({ waiting: 0, lost: 1 });
  expect(warnings).toEqual([expect.stringContaining('the mesh stops')]);
  expect(clock.pending).toBe(0);
  await expect.poll(() => hanging.open.size).toBe(0);
});

test('what waits at the end is tried once more, and a pause is not waited for', async () => {
  await using receiver = await Upstream.start(inTurn(503, 200));
  const { clock, notifier } = notifying();
  const notify = webhook(receiver.port);
  notifier.tell(firing([notify], { name: 'one' }));
  await expect.poll(() => clock.next).toBe(500);
  notifier.tell(firing([notify], { name: 'two' }));

  await notifier.close();

  expect(numbersOf(notifier, notify)).toMatchObject({ delivered: 1, lost: 1, waiting: 0 });
  notifier.tell(firing([notify], { name: 'three' }));
  expect(numbersOf(notifier, notify)).toMatchObject({ waiting: 0 });
});

test('a name and a password in the address are sent as such, and shown to nobody', async () => {
  await using receiver = await Upstream.start();
  const { notifier } = notifying();
  const notify = { kind: 'webhook', url: `http://ann:secret@127.0.0.1:${receiver.port}/hook` } as const;

  notifier.tell(firing([notify]));

  await receiver.until(1);
  expect(receiver.last.fields.get('authorization')).toBe(`Basic ${Buffer.from('ann:secret').toString('base64')}`);
  expect(numbersOf(notifier, notify)?.name).toBe(`webhook http://127.0.0.1:${receiver.port}/hook`);
});

test.each([
  ['http://127.0.0.1:9093/hook', 'http://127.0.0.1:9093/hook'],
  ['http://[::1]:9093/hook?token=secret', 'http://[::1]:9093/hook'],
  ['https://hooks.slack.com/services/T000/B000/secret', 'https://hooks.slack.com/…'],
  ['https://ann:secret@alerts.example:8443/secret?k=secret', 'https://alerts.example:8443/…'],
])('%s is shown as %s', (url, shown) => {
  const { notifier } = notifying();
  expect(numbersOf(notifier, { kind: 'webhook', url })?.name).toBe(`webhook ${shown}`);
});

test('a password in a command is not shown either', () => {
  const { notifier } = notifying();
  const command = 'curl -d @- https://ann:secret@alerts.example/hook';
  const name = numbersOf(notifier, { kind: 'command', command, directory: '/' })?.name;
  expect(name).toBe('command `curl -d @- https://**********@alerts.example/hook`');
});
