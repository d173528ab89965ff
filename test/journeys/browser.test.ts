import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Journey } from '../support/mesh-cli.js';

/** CI names it, and then it must be there; elsewhere a machine may have none. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const hasBrowser = process.env.CHROMIUM !== undefined || existsSync(executablePath);

const livePage = new URL('../support/live-page.mjs', import.meta.url).pathname;
const file = `
gateway: { port: 0 }
admin: { port: 0 }
services:
  web: { command: "${process.execPath} ${livePage}" }
`;

describe.skipIf(!hasBrowser)('in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'];
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser.close());

  test('a service is opened by its name, with its WebSocket and its event stream', async () => {
    await using journey = await Journey.begin(file);
    const { gatewayPort } = await journey.up();
    const page = await browser.newPage();

    await page.goto(`http://web.localhost:${gatewayPort}/`);

    await page.getByText('over the socket').waitFor();
    await page.getByText('as an event').waitFor();
    await page.close();
  });

  test('a name that no service has shows a page of the mesh, which leads to those there are', async () => {
    await using journey = await Journey.begin(file);
    const { gatewayPort } = await journey.up();
    const page = await browser.newPage();

    const response = await page.goto(`http://nowhere.localhost:${gatewayPort}/`);
    await page.getByRole('link', { name: `http://web.localhost:${gatewayPort}` }).click();

    expect(response?.status()).toBe(404);
    expect(response?.headers()['x-mesh-error']).toBe('no_route');
    await page.getByRole('heading', { name: 'live page' }).waitFor();
    await page.close();
  });

  test('a page cannot steer the mesh behind the back of whoever opened it', async () => {
    await using journey = await Journey.begin(
      `${file}`.replace('admin: { port: 0 }', 'admin: { port: 0, token: none }'),
    );
    const up = await journey.up();
    const [, admin = ''] = await up.says(/Admin:\s+(http:\S+)/);
    const page = await browser.newPage();
    await page.goto(`http://web.localhost:${up.gatewayPort}/`);

    const answer = page.waitForResponse(/shutdown/);
    await page.evaluate((url) => fetch(`${url}/v1/shutdown`, { method: 'POST', mode: 'no-cors' }), admin);

    expect((await answer).status()).toBe(403);
    expect((await fetch(`${admin}/v1/status`)).status).toBe(200);
    await page.close();
  });
});
