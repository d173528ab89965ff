import http from 'node:http';
import https from 'node:https';
import { errnoOf, messageOf } from '../../foundation/errors.js';
import type { Delivery } from './courier.js';

/**
 * Posts JSON to a webhook. What it answers is not read beyond its status, and where it would send us to, we do not go: a
 * receiver shall not choose whom else this machine talks to.
 */
export function post(url: string, body: string, signal: AbortSignal): Promise<Delivery> {
  return new Promise((resolve) => {
    const { request } = new URL(url).protocol === 'https:' ? https : http;
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'service-mesh',
    };
    let status: number | undefined;
    let reason = 'it did not answer';
    // Without an agent, the connection ends with its one request, and holds up no stop of the mesh.
    const sent = request(url, { method: 'POST', headers, agent: false, signal }, (response) => {
      status = response.statusCode; // it counts, whatever becomes of the rest
      response.on('error', () => {}).resume();
    });
    sent.on('error', (error) => {
      reason = reasonOf(error, signal);
    });
    sent.once('close', () => resolve(status === undefined ? failed(reason) : deliveryOf(status))).end(body);
  });
}

function failed(reason: string): Delivery {
  return { kind: 'failed', reason, mayHelpToRepeat: true };
}

/** As Alertmanager has it: what is no 2xx has failed, and a 5xx may go better later. So may a 429. */
function deliveryOf(status: number): Delivery {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const redirects = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return {
    kind: 'failed',
    reason: `it answered ${status}${redirects}`,
    mayHelpToRepeat: status >= 500 || status === 429,
  };
}

/** Of several addresses that nobody listens at, Node says no more than the code. */
function reasonOf(error: Error, { aborted, reason }: AbortSignal): string {
  return aborted ? messageOf(reason) : messageOf(error) || (errnoOf(error) ?? 'it cannot be reached');
}
