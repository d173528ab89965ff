// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { z } from 'zod';
import { meshFile } from './schema/mesh-file.js';

type Schema = z.core.JSONSchema.BaseSchema;

/** A text that holds a variable: what it becomes is known only where the mesh runs. `$$` is a dollar sign. */
const holdsVariable = String.raw`^(?:[^$]|\$[^{])*\$\{[A-Za-z_][A-Za-z0-9_]*(?:\}|:-)`;

const sampleVariable = '${NAME:-default}';

/**
 * The grammar of the mesh file as JSON Schema draft-07, the draft that editors' YAML servers know best. It judges the
 * structure; what keys and services say of each other is for `mesh check`.
 */
export function jsonSchema(): object {
  const schema = z.toJSONSchema(meshFile, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema, path }) => {
      // zod leaves them out: to it, they are of the value that comes out, and this describes what goes in.
      const { default: standard, examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (standard !== undefined) jsonSchema.default = standard;
      allowExtensions(jsonSchema);
      if (path.at(-1) !== 'propertyNames') allowVariables(jsonSchema); // in keys, nothing is replaced
      if (Array.isArray(examples)) jsonSchema.examples = [...examples];
    },
  });
  const { $schema, ...rest } = schema;
  return {
    $schema,
    $id: 'https://unpkg.com/service-mesh/schema/mesh.schema.json',
    title: 'The mesh file of service-mesh',
    description: 'What runs in the mesh, and how traffic reaches it. `mesh init` writes one to start from.',
    ...rest,
  };
}

/** `x-…` keys are the reader's own, wherever the keys are ours. */
function allowExtensions(schema: Schema): void {
  if (schema.type === 'object' && schema.additionalProperties === false) schema.patternProperties = { '^x-': {} };
}

/** Where a number, a boolean or a text of some form is expected, a variable may stand for it. */
function allowVariables(schema: Schema): void {
  if (!isSingle(schema) || acceptsText(schema, sampleVariable)) return;
  const { description, default: standard, ...form } = schema;
  for (const key of Object.keys(form)) delete schema[key];
  schema.anyOf = [form, { type: 'string', pattern: holdsVariable }];
}

/** A number, a text or a boolean; forms that are alternatives of one value are seen one by one. */
function isSingle(schema: Schema): boolean {
  return ['string', 'number', 'integer', 'boolean'].includes(String(schema.type));
}

function acceptsText(schema: Schema, text: string): boolean {
  if (schema.type !== 'string' || schema.enum !== undefined || schema.const !== undefined) return false;
  return schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(text);
}
