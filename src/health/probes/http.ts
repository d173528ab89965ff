import { get } from 'node:http';
import { formatAddress } from '../../foundation/address.js';
import { lookupBoth } from '../../foundation/localhost.js';
import type { ProbeResult } from '../verdict.js';
import type { Probe } from './probe.js';
import { failureInWords } from './probe.js';

/** Bytes. A health page is far shorter; what is longer is cut off. */
const longestBody = 1_000_000;

/**
 * A GET that is answered by 200–399. A redirect is an answer, and is not followed. The status decides; the body is read
 * to its end and dropped, for a server whose answer is cut off writes an error into its log at every probe.
 */
export function probeHttp(path: string): Probe {
  return ({ host, port }, signal) =>
    new Promise((resolve) => {
      let result: ProbeResult | undefined;
      const request = get({
        host,
        port,
        path,
        lookup: lookupBoth,
        agent: false, // a connection of its own, closed with the answer: the probe also asks whether it still accepts
        headers: {
          host: formatAddress({ host, port }),
          'user-agent': 'mesh-health-check',
          accept: '*/*',
        },
      });
      const abandon = () => request.destroy();
      signal.addEventListener('abort', abandon, { once: true });
      request.on('response', (response) => {
        result = resultOf(response.statusCode ?? 0);
        response.on('error', () => {}); // the body was cut off, and the status has been seen
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > longestBody) request.destroy();
        });
      });
      request.on('error', (error) => {
        result ??= { kind: 'failed', reason: failureInWords(error) };
      });
      request.on('close', () => {
        signal.removeEventListener('abort', abandon);
        resolve(result ?? { kind: 'failed', reason: 'no answer' });
      });
    });
}

function resultOf(status: number): ProbeResult {
  return status >= 200 && status <= 399 ? { kind: 'passed' } : { kind: 'failed', reason: `answered ${status}` };
}
