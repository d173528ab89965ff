/** By what a request came to its service. */
export type FoundBy =
  /** The service's own port. */
  | { readonly kind: 'port' }
  /** A caller's door. */
  | { readonly kind: 'door' }
  /** The field `x-mesh-service`. */
  | { readonly kind: 'header' }
  /** The host that was asked for is the service's name. */
  | { readonly kind: 'name' }
  /** A route, by all that it asks for: `host shop.localhost`, `path /api`, `header x-canary: 1`. */
  | { readonly kind: 'route'; readonly conditions: readonly string[] };

/** By what it came to its version. sticky: its client was given an instance of it before. */
export type VersionBy = 'route' | 'split' | 'sticky';
