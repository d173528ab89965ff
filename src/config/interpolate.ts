/** The variables that `${NAME}` reads. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Expansion =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unset'; readonly name: string }
  /** `${` without what the grammar wants after it. */
  | { readonly kind: 'malformed'; readonly reference: string };

/** Defaults in defaults; beyond this, somebody is up to something. */
const deepest = 16;

/**
 * `${NAME}` and `${NAME:-default}` (used when NAME is unset or empty, as in a shell) → what the environment says; `$$` is
 * a dollar sign, and so is one that stands before anything else. A default is read in the same way; what a variable holds
 * is text and never read again.
 */
export function expand(text: string, environment: Environment, depth = 0): Expansion {
  let expanded = '';
  let at = 0;
  for (;;) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return { kind: 'text', text: expanded + text.slice(at) };
    expanded += text.slice(at, dollar);
    if (text[dollar + 1] !== '{') {
      expanded += '$';
      at = dollar + (text[dollar + 1] === '$' ? 2 : 1);
      continue;
    }
    const end = endOf(text, dollar);
    const whole = text.slice(dollar, end);
    const [, name, fallback] = reference.exec(whole) ?? [];
    if (name === undefined || depth > deepest) return { kind: 'malformed', reference: whole };
    const value = readVariable(name, fallback, environment, depth);
    if (value.kind !== 'text') return value;
    expanded += value.text;
    at = end;
  }
}

function readVariable(name: string, fallback: string | undefined, environment: Environment, depth: number): Expansion {
  // An environment is any object: `${constructor}` must not find what every object inherits.
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (fallback !== undefined && (value === undefined || value === '')) return expand(fallback, environment, depth + 1);
  return value === undefined ? { kind: 'unset', name } : { kind: 'text', text: value };
}

/** Behind the `}` that belongs to the `${` at `start`; where there is none, the end of the text. */
function endOf(text: string, start: number): number {
  let open = 0;
  for (const { 0: mark, index } of text.slice(start).matchAll(marks)) {
    if (mark === '${') open++;
    if (mark === '}') open--;
    if (open === 0) return start + index + 1;
  }
  return text.length;
}

const marks = /\$\$|\$\{|\}/g;

const reference = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?\}$/s;

/** Text → the form that `expand` turns back into it. */
export function escapeReferences(text: string): string {
  return text.replace(/\$(?=[${])/g, '$$$$');
}
