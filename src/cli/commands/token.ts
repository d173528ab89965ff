import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';

export async function token(context: Context, options: ConnectOptions): Promise<number> {
  const { token: secret } = await connect(context.terminal, options);
  if (secret === undefined) context.note('This mesh wants no token.');
  else context.print(secret);
  return 0;
}
