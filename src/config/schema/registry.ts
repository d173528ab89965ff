import { section } from './section.js';
import { choice } from './values.js';

export const registry = section({
  store: choice(['file', 'memory'])
    .meta({
      description:
        'Where instances that are registered at run time are kept. `file`: in .mesh/registry.json beside the mesh file, so that they outlive the mesh. `memory`: until the mesh ends. Default file (memory for a mesh made by a program).',
      default: 'file',
    })
    .optional(),
});
