import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { get, Journey, meshBin } from '../support/mesh-cli.js';
import { TmuxSession } from '../support/tmux.js';
import { tool } from '../support/tools.js';

/** Says what it is asked, and fails at /fail. */
const program = `const s=require('http').createServer((q,r)=>{console.log('asked for',q.url);r.statusCode=q.url==='/fail'?500:200;r.end('ok')});s.listen(process.env.PORT,'127.0.0.1')`;
const command = JSON.stringify(`${process.execPath} -e "${program}"`);
const shop = `
name: shop
gateway: { port: 0 }
admin: { port: 0 }
services:
  billing: { command: ${command} }
  orders: { command: ${command}, replicas: 2 }
`;

/** CI installs it; elsewhere these run where there is one. */
const inTerminal = test.skipIf(!tool('tmux') || !tool('bash'));

/** `mesh top` in a shell in a terminal. */
async function open(journey: Journey, environment: Readonly<Record<string, string>> = {}, args = '') {
  const session = await TmuxSession.open(journey.directory, environment);
  await session.type(`sh -c 'echo $$ > pid; exec "${process.execPath}" "${meshBin}" top ${args}'`);
  await session.shows(/SERVICE ▲/);
  const pid = Number(await readFile(join(journey.directory, 'pid'), 'utf8'));
  return { session, pid };
}

/** The shell has its terminal back as it was. */
async function expectRestored(session: TmuxSession, exitCode: number) {
  await session.showsNo(/SERVICE/);
  expect(await session.modes()).toEqual({ cursor: true, alternate: false, wrap: true });
  await session.type('echo "code $?"; stty -a');
  await session.shows(new RegExp(`code ${exitCode}\\n[^]* icanon [^]* echo [^]*prompt> $`.replace(/ \$$/, '')));
}

inTerminal('every key does in a terminal what the help says, and q gives the terminal back', async () => {
  await using journey = await Journey.begin(shop);
  const up = await journey.up();
  for (const path of ['/', '/fail']) await get(up.gatewayPort, 'orders', path);
  await using session = (await open(journey)).session;
  expect(await session.modes()).toEqual({ cursor: false, alternate: true, wrap: false });

  await session.shows(
    /^shop · \d\d:\d\d:\d\d · up \d+s · .*\n\n {3}SERVICE ▲ .*\n❯▸ billing +ready .*\n ▸ orders +ready .* 50% /,
  );
  await session.press('Down');
  await session.shows(/\n {1}▸ billing .*\n❯▸ orders /);
  await session.press('Enter');
  await session.shows(/\n❯▾ orders .*\n +orders-1 +healthy .*\n +orders-2 +healthy .*\n +← clients .* 50% /);
  await session.press('s');
  await session.shows(/RPS ▼/);
  await session.press('r');
  await session.shows(/RPS ▲/);
  await session.press('/', 'o', 'r', 'd');
  await session.shows(/\n\/ord {2}enter keeps it/);
  await session.showsNo(/billing/);
  await session.press('Enter');
  await session.shows(/\nfilter ord\n/);
  await session.press('Escape');
  await session.shows(/billing/);
  await session.press('e');
  await session.shows(/\nerrors only\n/);
  await session.showsNo(/billing/);
  await session.press('e');
  await session.shows(/billing/);

  await session.press('l');
  await session.shows(/── Output of orders ─+\n(?:.*\n)*orders-[12] │ asked for \/fail\n/);
  await session.press('Enter');
  await session.showsNo(/SERVICE/);
  await session.press('Escape');
  await session.shows(/SERVICE/);

  await session.press('f');
  await session.shows(/── Trouble for orders, for 1m ─+\n +in force: nothing said/);
  await session.press('4');
  await session.shows(/\norders: abort 503 for all requests, for 1m\n(?:.*\n)*❯▾ orders .* (?:1m|59s) abort 503\n/);
  expect((await get(up.gatewayPort, 'orders')).status).toBe(503);
  await session.press('f', 'c');
  await session.shows(/\norders: as the mesh file says again\n/);
  expect((await get(up.gatewayPort, 'orders')).status).toBe(200);

  await session.press('p');
  await session.shows(/^ PAUSED /);
  await session.press('p');
  await session.press('?');
  await session.shows(/── Keys ─+\n(?:.*\n)* +q +quit/);
  await session.press('x');
  await session.shows(/SERVICE/);

  await session.resize(300, 100);
  await session.shows(/^shop · .*\n\n.* IN FLIGHT {2}QUEUED {2}RETRIES {2}BADGES\n(?:.*\n){96}.* q quit\n$/);
  await session.resize(120, 40);
  await session.shows(/^shop · .*\n\n.* IN FLIGHT.*\n(?:.*\n){36}.* q quit\n$/);
  await session.resize(40, 7);
  await session.shows(/^shop · .*\n.*SERVICE .*\n(?:.*\n){5}$/);
  await session.resize(80, 24);
  await session.shows(/^shop · .*\n\n(?:.*\n){21}.* q quit\n$/);
  await session.press('q');
  await expectRestored(session, 0);
});

inTerminal.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s gives the terminal back', async (signal, exitCode) => {
  await using journey = await Journey.begin(shop);
  await journey.up();
  const { session, pid } = await open(journey);
  await using _ = session;

  process.kill(pid, signal);

  await expectRestored(session, exitCode);
});

inTerminal('an error that nobody has caught gives the terminal back, and is then told on it', async () => {
  await using journey = await Journey.begin(shop);
  await journey.up();
  const crash = "process.on('SIGUSR2',()=>{throw%20Error('boom')})";
  const { session, pid } = await open(journey, { NODE_OPTIONS: `--import="data:text/javascript,${crash}"` });
  await using _ = session;

  process.kill(pid, 'SIGUSR2');

  await session.shows(/Error: boom/);
  await expectRestored(session, 1);
});

inTerminal.each(['C-z', 'SIGTSTP'] as const)('%s gives the terminal back until fg', async (way) => {
  await using journey = await Journey.begin(shop);
  await journey.up();
  const { session, pid } = await open(journey);
  await using _ = session;

  if (way === 'C-z') await session.press('C-z');
  else process.kill(pid, way);
  await session.shows(/Stopped/);
  await expectRestored(session, 148);

  await session.type('fg');
  await session.shows(/SERVICE ▲/);
  expect(await session.modes()).toMatchObject({ cursor: false, alternate: true });
  await session.press('j');
  await session.shows(/❯▸ orders/);
  await session.press('q');
  await expectRestored(session, 0);
});

inTerminal('when the mesh ends, the screen waits for the next one', async () => {
  await using journey = await Journey.begin(shop);
  const up = await journey.up();
  await using session = (await open(journey)).session;

  up.interrupt();
  await session.shows(/\nreconnecting… The mesh /);
  await up.ended();
  await session.shows(/\nreconnecting… The mesh of .* is not running/);
  await journey.up();
  await session.showsNo(/reconnecting/);
  await session.shows(/❯▸ billing +ready/);

  await session.press('C-c');
  await expectRestored(session, 0);
});

inTerminal.each([
  ['no colour', { NO_COLOR: '1' }, 'SERVICE ▲'],
  ['no unicode', { LANG: 'C' }, 'SERVICE ^'],
])('with %s it is the same screen', async (_, environment, head) => {
  await using journey = await Journey.begin(shop);
  await journey.up();
  await using session = await TmuxSession.open(journey.directory, environment);
  await session.type(`"${process.execPath}" "${meshBin}" top`);
  await session.shows(/q quit\n$/);
  expect(await session.screen()).toContain(head);
  await session.press('q');
  await expectRestored(session, 0);
});

inTerminal(
  'where the locale is not UTF-8, the other commands draw with ASCII, too, and a pipe gets the signs',
  async () => {
    await using journey = await Journey.begin(shop);
    await journey.up();
    await using session = await TmuxSession.open(journey.directory, { LANG: 'C' });
    await session.type(`"${process.execPath}" "${meshBin}" ls; "${process.execPath}" "${meshBin}" ls | grep -c –`);
    await session.shows(/orders +ready .* 2\/2 +0 +- +- [\s\S]*\n2\n/);
  },
);

inTerminal('a terminal that does not know its size is taken for one of 80 × 24', async () => {
  await using journey = await Journey.begin(shop);
  await journey.up();
  await using session = await TmuxSession.open(journey.directory);
  await session.type(`stty rows 0 columns 0; "${process.execPath}" "${meshBin}" top`);
  await session.shows(/SERVICE ▲[\s\S]*q quit\n$/);
  await session.press('q');
  await session.showsNo(/SERVICE/);
});
