/** The variables that `${NAME}` reads. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Expansion =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unset'; readonly name: string }
  /** `${` without what the grammar wants after it. */
  | { readonly kind: 'malformed'; readonly reference: string };

/**
 * `${NAME}` and `${NAME:-default}` (used when NAME is unset or empty, as in a shell) → what the environment says; `$$` is
 * a dollar sign, and so is one that stands before anything else. What a variable holds is text and never read again.
 */
export function expand(text: string, environment: Environment): Expansion {
  let expanded = '';
  let rest = 0;
  for (const match of text.matchAll(reference)) {
    const [whole, name, fallback] = match;
    expanded += text.slice(rest, match.index);
    rest = match.index + whole.length;
    if (whole === '$$') {
      expanded += '$';
      continue;
    }
    if (name === undefined) return { kind: 'malformed', reference: whole };
    // An environment is any object: `${constructor}` must not find what every object inherits.
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    const used = fallback !== undefined && (value === undefined || value === '') ? fallback : value;
    if (used === undefined) return { kind: 'unset', name };
    expanded += used;
  }
  return { kind: 'text', text: expanded + text.slice(rest) };
}

/** Text → the form that `expand` turns back into it. */
export function escapeReferences(text: string): string {
  return text.replace(/\$(?=[${])/g, '$$$$');
}

const reference = /\$\$|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|[^}]*\}?)/g;
