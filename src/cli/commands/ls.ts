import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { widthOf } from '../context.js';
import { renderServices } from '../render/services.js';

export interface LsOptions extends ConnectOptions {
  readonly json?: boolean;
}

export async function ls(context: Context, options: LsOptions): Promise<number> {
  const { client } = await connect(context.terminal, options);
  const [view, { rejected }] = await Promise.all([client.services(), client.status()]);
  if (rejected.length > 0)
    context.note(
      `${context.paintNote.yellow('!')} the mesh file has mistakes, and an earlier one is in force: see \`mesh check\``,
    );
  if (options.json) context.printDocument(view);
  else context.print(renderServices(view, context.paint, widthOf(context.terminal.stdout)));
  return 0;
}
