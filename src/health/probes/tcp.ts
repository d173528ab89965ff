import { connect } from 'node:net';
import { lookupBoth } from '../../foundation/localhost.js';
import type { Probe } from './probe.js';
import { failureInWords } from './probe.js';

/** A connection that is accepted. A name with several addresses (`localhost`) passes by any of them (RFC 8305). */
export const probeTcp: Probe = ({ host, port }, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, lookup: lookupBoth });
    const abandon = () => socket.destroy();
    signal.addEventListener('abort', abandon, { once: true });
    socket.on('connect', () => {
      resolve({ kind: 'passed' });
      socket.destroy();
    });
    socket.on('error', (error) => resolve({ kind: 'failed', reason: failureInWords(error) }));
    socket.on('close', () => {
      signal.removeEventListener('abort', abandon);
      resolve({ kind: 'failed', reason: 'no answer' });
    });
  });
