// Charges cards. It takes a while, and now and then it fails: there is something to see in `mesh top`.
import { pause, serve } from './serve.mjs';

/** One charge in a hundred fails. */
const failureRate = 0.01;

await serve({
  'POST /charge': async ({ id, amount }) => {
    await pause(5 + Math.random() ** 3 * 60);
    if (Math.random() < failureRate) return { status: 503, body: { error: 'the bank does not answer' } };
    return { body: { receipt: `r-${id}`, amount } };
  },
});
