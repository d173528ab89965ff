import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../foundation/clock.js';
import type { Turn } from './turn.js';

/** Milliseconds between two looks at whether a client that has stopped sending still listens. */
const probeInterval = 250;
/** Looks in a row that find an answer silent: a body that pauses for less is not cut. */
const silentLooks = 8;

/**
 * A client that has closed its side is gone, or it only has no more to ask; TCP tells the two alike. One that listens takes
 * a 102 without a word (RFC 9110 §15.2); from one that is gone, a reset comes back. Behind the head of an answer only its
 * body may be sent, and does the same; where none comes, as in an idle event stream, the client is taken to be gone, as
 * nginx does. The answer ends the looking.
 */
export function probeHalfClosed(socket: Socket, clock: Clock, current: () => Turn | undefined): Cancel {
  let cancel: Cancel = () => {};
  const lookAgain = (written: number, silent: number) => {
    cancel = clock.after(probeInterval, () => {
      const turn = current();
      if (turn === undefined) return;
      const { message, response } = turn;
      const { bytesWritten, writableLength } = socket;
      // Nothing waits for a client that reads slowly, either.
      const isSilent = response?.headersSent === true && bytesWritten === written && writableLength === 0;
      if (isSilent && silent + 1 === silentLooks) return void socket.destroy();
      if (response?.headersSent === false && message.httpVersion === '1.1') response.writeProcessing();
      lookAgain(bytesWritten, isSilent ? silent + 1 : 0);
    });
  };
  lookAgain(socket.bytesWritten, 0);
  return () => cancel();
}
