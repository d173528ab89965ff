import type { GraphView } from '../../admin/graph-wire.js';
import type { ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { widthOf } from '../context.js';
import { renderDot, renderGraph, renderMermaid } from '../render/graph.js';

export interface GraphOptions extends ConnectOptions {
  readonly mermaid?: boolean;
  readonly dot?: boolean;
  readonly json?: boolean;
}

export async function graph(context: Context, options: GraphOptions): Promise<number> {
  const { client } = await connect(context.terminal, options);
  const view = await client.graph();
  if (options.json) context.printDocument(view);
  else context.print(draw(context, view, options));
  return 0;
}

function draw({ paint, terminal }: Context, view: GraphView, { mermaid, dot }: GraphOptions): string {
  if (mermaid) return renderMermaid(view);
  if (dot) return renderDot(view);
  return renderGraph(view, paint, widthOf(terminal.stdout));
}
