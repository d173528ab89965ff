import { jsonSchema } from '../../config/json-schema.js';
import type { Context } from '../context.js';

export async function schema(context: Context): Promise<number> {
  context.print(JSON.stringify(jsonSchema(), null, 2));
  return 0;
}
