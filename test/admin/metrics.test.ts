import { expect, test } from 'vitest';
import { startAdmin } from '../support/admin.js';

test('/metrics is text of exactly the type that Prometheus takes', async () => {
  await using admin = await startAdmin();

  const answer = await admin.request({ path: '/metrics' });

  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(answer.text).toBe(admin.control.metrics());
});

test('/sd is what HTTP service discovery reads', async () => {
  await using admin = await startAdmin();

  const answer = await admin.request({ path: '/sd' });

  expect(answer.headers['content-type']).toBe('application/json');
  expect(JSON.parse(answer.text)).toEqual([{ targets: ['127.0.0.1:4001'], labels: { service: 'orders' } }]);
});

test.each(['/metrics', '/sd'])(
  '%s needs no token, but a name of this machine, and no page of another site',
  async (path) => {
    await using admin = await startAdmin();
    const open = { authorization: null };

    expect((await admin.request({ path, headers: open })).status).toBe(200);
    expect(await admin.request({ path, headers: { ...open, host: `evil.com:${admin.port}` } })).toMatchObject({
      status: 403,
      code: 'forbidden_host',
    });
    expect(await admin.request({ path, headers: { ...open, origin: 'http://evil.com' } })).toMatchObject({
      status: 403,
      code: 'forbidden_origin',
    });
    expect(await admin.request({ method: 'POST', path })).toMatchObject({ status: 405, code: 'wrong_method' });
  },
);
