import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../foundation/clock.js';

/** Milliseconds between two looks at whether a client that has stopped sending still listens. */
const probeInterval = 250;
/** Looks in a row that find an answer silent: a body that pauses for less is not cut. */
const silentLooks = 8;

/** What is going on on the connection: nothing is left to do, an answer is waited for (and may be preceded by a 102), or it runs. */
export type HalfClosedState = 'over' | 'waiting' | 'waiting, no 1xx' | 'answering';

/**
 * A client that has closed its side is gone, or it only has no more to ask; TCP tells the two alike. One that listens takes
 * a 102 without a word (RFC 9110 §15.2); from one that is gone, a reset comes back. Behind the head of an answer only its
 * body may be sent, and does the same; where none comes, as in an idle event stream, the client is taken to be gone, as
 * nginx does. The answer ends the looking.
 */
export function probeHalfClosed(socket: Socket, clock: Clock, state: () => HalfClosedState): Cancel {
  let cancel: Cancel = () => {};
  const lookAgain = (written: number, silent: number) => {
    cancel = clock.after(probeInterval, () => {
      const now = state();
      if (now === 'over') return;
      const { bytesWritten, writableLength } = socket;
      // Nothing waits for a client that reads slowly, either.
      const isSilent = now === 'answering' && bytesWritten === written && writableLength === 0;
      if (isSilent && silent + 1 === silentLooks) return void socket.destroy();
      if (now === 'waiting' && !socket.writableNeedDrain) socket.write('HTTP/1.1 102 Processing\r\n\r\n', 'latin1');
      lookAgain(bytesWritten, isSilent ? silent + 1 : 0);
    });
  };
  lookAgain(socket.bytesWritten, 0);
  return () => cancel();
}
