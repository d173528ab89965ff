import type { AdminClient } from '../../admin/client.js';
import type { ShapingView } from '../../admin/shaping-wire.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import type { ActiveService } from '../render/shaping.js';
import { renderShape, renderShapes } from '../render/shaping.js';
import { signatureOf } from '../signature.js';
import type { ShapeOptions } from './shape-options.js';
import { toUsage } from './shape-refusal.js';
import { listScenarios, playScenario, stopRunning } from './shape-scenario.js';
import type { ShapeWish } from './shape-wish.js';
import { readWish } from './shape-wish.js';

/** Shapes traffic while the mesh runs; without options it only shows. */
export async function shape(context: Context, words: readonly string[], options: ShapeOptions): Promise<number> {
  const wish = readWish(words, options);
  const { client } = await connect(context.terminal, options);
  try {
    return await grant(wish, context, client, options);
  } catch (thrown) {
    throw toUsage(thrown, options);
  }
}

async function grant(wish: ShapeWish, context: Context, client: AdminClient, options: ShapeOptions): Promise<number> {
  const tell = (service: string, shaping: ShapingView) => tellShape(context, service, shaping, options);
  switch (wish.kind) {
    case 'list':
      return tellShapes(context, await activeShapes(client), options);
    case 'show':
      return tell(wish.service, (await client.service(wish.service)).traffic.shaping);
    case 'set': {
      const { service, values, duration } = wish;
      const by = signatureOf(context.terminal, 'mesh shape');
      return tell(
        service,
        await client.shape(service, { ...values, by, ...(duration !== undefined && { for: duration }) }),
      );
    }
    case 'clear':
      return tell(wish.service, await client.clearShape(wish.service));
    case 'clear-all':
      for (const { service } of await activeShapes(client)) await client.clearShape(service);
      return tellShapes(context, await activeShapes(client), options);
    case 'save': {
      const { saveShape } = await import('./shape-save.js'); // it reads mesh files, and brings all that this needs
      return saveShape(context, client, wish.service, { kind: 'set', values: wish.values }, options);
    }
    case 'clear-saved': {
      const { saveShape } = await import('./shape-save.js');
      return saveShape(context, client, wish.service, { kind: 'clear' }, options);
    }
    case 'list-scenarios':
      return listScenarios(context, client, options);
    case 'play':
      return playScenario(context, client, wish.scenario, options);
    case 'stop':
      return stopRunning(context, client, options);
  }
}

async function activeShapes(client: AdminClient): Promise<ActiveService[]> {
  const { services } = await client.services();
  return services.flatMap(({ name, traffic }) => {
    const { active } = traffic.shaping;
    return active === null ? [] : [{ service: name, ...active }];
  });
}

function tellShape(context: Context, service: string, shaping: ShapingView, { json }: ShapeOptions): number {
  if (json) context.printDocument({ service, shaping });
  else context.print(renderShape(service, shaping, context.terminal.now(), context.paint));
  return 0;
}

function tellShapes(context: Context, shapes: readonly ActiveService[], { json }: ShapeOptions): number {
  if (json) context.printDocument({ shapes });
  else context.print(renderShapes(shapes, context.terminal.now(), context.paint));
  return 0;
}
