import type { AdminClient } from '../../admin/client.js';
import { saveDraft } from '../../config/draft.js';
import type { ShapeChange } from '../../config/save-shape.js';
import { draftShape } from '../../config/save-shape.js';
import { MeshError } from '../../foundation/errors.js';
import { printable } from '../../foundation/text.js';
import type { Context } from '../context.js';
import { nameFrom } from '../mesh-file.js';

/** Changes the mesh file; the mesh takes it up by itself, and what was said at run time gives way to it. */
export async function saveShape(
  context: Context,
  client: AdminClient,
  service: string,
  change: ShapeChange,
  { json }: { readonly json?: boolean },
): Promise<number> {
  const { terminal } = context;
  await client.service(service); // before anything is written: the mesh knows what is near to a name that is wrong
  const { file } = await client.status();
  if (file === null) {
    throw new MeshError('usage', 'This mesh was started by a program, and has no mesh file', {
      hint: 'Leave `--save` out: the shape then holds until it is cleared, or the mesh stops.',
    });
  }
  const draft = await draftShape(file, service, change, terminal.environment);
  const isNew = draft.after !== draft.before;
  if (isNew) await saveDraft(draft);
  if (isNew) await client.reload(); // before the shape gives way to it: nothing in between is seen
  const shaping = await client.clearShape(service);
  if (json) context.printDocument({ service, file, shaping });
  else
    context.print(
      `${context.paint.bold(printable(service))}  ${told(nameFrom(terminal.directory, file), change, isNew ? draft.keys : undefined)}`,
    );
  return 0;
}

/** @param keys what the file said before; undefined where nothing has changed */
function told(file: string, change: ShapeChange, keys: readonly string[] | undefined): string {
  const name = printable(file);
  if (keys === undefined) return change.kind === 'clear' ? `${name} says nothing of it` : `${name} says so already`;
  if (change.kind === 'clear') return `taken out of ${name}: ${keys.join(', ')}`;
  const replaced = keys.filter((key) => Object.hasOwn(change.values, key));
  const before = replaced.length === 0 ? '' : `, in place of what it said of ${replaced.join(', ')}`;
  return `saved in ${name}: ${Object.keys(change.values).join(', ')}${before}`;
}
