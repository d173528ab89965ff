import type { MeshError } from '../foundation/errors.js';
import { printable } from '../foundation/text.js';

/** The one response that an error becomes. */
export interface Refusal {
  readonly status: number;
  /** `[name, value, …]`, Content-Length included. */
  readonly fields: readonly string[];
  /** Empty for HEAD. */
  readonly body: Buffer;
}

/** What is known of the request that is refused; nothing when its head could not be read. */
export interface Refused {
  readonly method: string | undefined;
  readonly accept: string | undefined;
}

/** Short and honest; `x-mesh-error` tells it from an answer of the service's. HTML, JSON or text, as `Accept` prefers. */
export function refuse(error: MeshError, { method, accept }: Refused): Refusal {
  const type = preferred(accept ?? '*/*');
  const body = Buffer.from(render[type](error));
  return {
    status: error.status,
    fields: [
      'Content-Type',
      `${type}; charset=utf-8`,
      'Content-Length',
      String(body.length),
      'x-mesh-error',
      error.code,
      'Cache-Control',
      'no-store',
      'X-Content-Type-Options',
      'nosniff',
      ...(type === 'text/html' ? contentSecurityPolicy : []),
      ...retryAfter(error),
      ...error.fields,
      ...(error.code === 'method_not_allowed' ? allow : []),
    ],
    body: method === 'HEAD' ? Buffer.alloc(0) : body,
  };
}

/** Where the error does not know: health checks look again and processes are restarted in about a second. */
function retryAfter({ code, retryAfter }: MeshError): string[] {
  const milliseconds = retryAfter ?? (code === 'no_healthy_instance' ? 1_000 : undefined);
  return milliseconds === undefined ? [] : ['Retry-After', String(Math.max(1, Math.ceil(milliseconds / 1_000)))];
}

/** RFC 9110 §15.5.6 wants it. */
const allow = ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'];

const contentSecurityPolicy = [
  'Content-Security-Policy',
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
];

type ContentType = 'text/html' | 'application/json' | 'text/plain';

const render: Record<ContentType, (error: MeshError) => string> = {
  'text/plain': ({ status, code, message, hint }) => `${status} ${code}: ${printable(message)}\n${printable(hint)}\n`,
  'application/json': ({ code, message, hint }) => `${JSON.stringify({ error: { code, message, hint } })}\n`,
  'text/html': page,
};

/** Of the three, the one with the highest quality in `Accept`; of equals, the one named first. Text is for all others. */
function preferred(accept: string): ContentType {
  let best: ContentType = 'text/plain';
  let bestQuality = 0;
  for (const member of accept.split(',')) {
    const [range = '', ...parameters] = member.toLowerCase().split(';');
    const quality = parameters
      .map((parameter) => /^\s*q\s*=\s*([\d.]+)\s*$/.exec(parameter)?.[1])
      .find((value) => value !== undefined);
    const type = typeOf(range.trim());
    if (type !== undefined && Number(quality ?? 1) > bestQuality) [best, bestQuality] = [type, Number(quality ?? 1)];
  }
  return best;
}

function typeOf(range: string): ContentType | undefined {
  if (range === 'text/html' || range === 'application/xhtml+xml') return 'text/html';
  if (/^application\/(?:json|[^/]+\+json|\*)$/.test(range)) return 'application/json';
  return range === 'text/plain' || range === 'text/*' || range === '*/*' ? 'text/plain' : undefined;
}

function page({ status, code, message, hint }: MeshError): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${status} ${code}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 15vh auto; padding: 0 1.5rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem; font-weight: 600 }
footer { margin-top: 3rem; font-size: .85rem; opacity: .7 }
</style>
<h1>${escaped(message)}</h1>
<p>${linked(escaped(hint))}</p>
<footer>${status} ${code} · answered by mesh, not by the service</footer>
</html>
`;
}

function escaped(text: string): string {
  return printable(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The URLs of a text that is escaped already. */
function linked(html: string): string {
  return html.replace(/http:\/\/[\w.:[\]/-]+/g, (url) => `<a href="${url}">${url}</a>`);
}
