import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { renderService } from '../render/inspect.js';

export interface InspectOptions extends ConnectOptions {
  readonly json?: boolean;
}

export async function inspect(
  context: Context,
  [name = '']: readonly string[],
  options: InspectOptions,
): Promise<number> {
  const { client } = await connect(context.terminal, options);
  const service = await client.service(name);
  if (options.json) context.printDocument(service);
  else context.print(renderService(service, context.terminal.now(), context.paint));
  return 0;
}
