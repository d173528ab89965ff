import { expect, test } from 'vitest';
import { environmentOf } from '../../src/mesh/environment.js';
import { servicesOf } from '../supervisor/world.js';

const surroundings = {
  inherited: { PATH: '/bin', PORT: '1', MESH_TOKEN: 'of an outer mesh', LOG_LEVEL: 'info', UNSET: undefined },
  gatewayUrl: 'http://127.0.0.1:8080',
  adminUrl: 'http://127.0.0.1:8081',
  token: undefined,
  doors: new Map([
    ['card-payments', { host: '127.0.0.1', port: 43_121 }],
    ['stock', { host: '127.0.0.1', port: 43_122 }],
  ]),
};

function environment(own: Record<string, string>, port?: number) {
  const web = servicesOf({ web: { command: 'node web.mjs', environment: own } }).get('web');
  return environmentOf(web ?? expect.fail('no service'), 'web-2', port, surroundings);
}

test('a program is told where to listen, who it is, and where its peers are', () => {
  expect(environment({}, 4001)).toEqual({
    PATH: '/bin',
    LOG_LEVEL: 'info',
    PORT: '4001',
    MESH_SERVICE: 'web',
    MESH_INSTANCE: 'web-2',
    MESH_GATEWAY_URL: 'http://127.0.0.1:8080',
    MESH_ADMIN_URL: 'http://127.0.0.1:8081',
    CARD_PAYMENTS_URL: 'http://127.0.0.1:43121',
    CARD_PAYMENTS_SERVICE_HOST: '127.0.0.1',
    CARD_PAYMENTS_SERVICE_PORT: '43121',
    STOCK_URL: 'http://127.0.0.1:43122',
    STOCK_SERVICE_HOST: '127.0.0.1',
    STOCK_SERVICE_PORT: '43122',
  });
});

test('a worker listens nowhere: no PORT of whoever started the mesh reaches it', () => {
  expect(environment({})).not.toHaveProperty('PORT');
});

test('its own environment wins over what is inherited and over its peers, and not over who it is', () => {
  const own = { LOG_LEVEL: 'debug', STOCK_URL: 'https://stock.example', MESH_SERVICE: 'another' };

  expect(environment(own)).toMatchObject({ LOG_LEVEL: 'debug', STOCK_URL: own.STOCK_URL, MESH_SERVICE: 'web' });
});
