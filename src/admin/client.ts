import { errorTable } from '../foundation/error-table.js';
import type { ErrorCode } from '../foundation/errors.js';
import { MeshError } from '../foundation/errors.js';
import type {
  ErrorView,
  EventView,
  InstanceView,
  RegistrationBody,
  ReloadView,
  ServicesView,
  ServiceView,
  StatusView,
} from './wire.js';

/** Milliseconds that a mesh on this machine may take to answer. */
const answerLimit = 10_000;

type Hints = Readonly<Partial<Record<ErrorCode, string>>>;

/**
 * The admin API of a running mesh, for the command line.
 * @throws MeshError no_mesh when nobody answers; else the error that the mesh answered with
 */
export class AdminClient {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #hints: Hints;

  /** @param hints what to do about an error, where the caller knows better than the table of errors */
  constructor(url: string, token: string | undefined, hints: Hints = {}) {
    this.#url = url.replace(/\/+$/, '');
    this.#token = token;
    this.#hints = hints;
  }

  status(): Promise<StatusView> {
    return this.#call('GET', '/v1/status');
  }

  services(): Promise<ServicesView> {
    return this.#call('GET', '/v1/services');
  }

  service(name: string): Promise<ServiceView> {
    return this.#call('GET', `/v1/services/${encodeURIComponent(name)}`);
  }

  register(service: string, id: string, body: RegistrationBody): Promise<InstanceView> {
    return this.#call('PUT', instancePath(service, id), body);
  }

  deregister(service: string, idOrAddress: string): Promise<InstanceView> {
    return this.#call('DELETE', instancePath(service, idOrAddress));
  }

  heartbeat(service: string, id: string): Promise<InstanceView> {
    return this.#call('POST', `${instancePath(service, id)}/heartbeat`);
  }

  config(): Promise<unknown> {
    return this.#call('GET', '/v1/config');
  }

  reload(): Promise<ReloadView> {
    return this.#call('POST', '/v1/reload');
  }

  async shutdown(): Promise<void> {
    await this.#call('POST', '/v1/shutdown');
  }

  /** What happens from now on, until the signal is aborted or the mesh ends. */
  async *events(signal: AbortSignal): AsyncGenerator<EventView> {
    const response = await this.#send('GET', '/v1/events', undefined, signal);
    if (response.body === null) return;
    let rest = '';
    try {
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
        const frames = (rest + text).split('\n\n');
        rest = frames.pop() ?? '';
        for (const frame of frames) {
          const data = /^data: (.*)$/m.exec(frame)?.[1];
          if (data !== undefined) yield JSON.parse(data);
        }
      }
    } catch (error) {
      if (!signal.aborted) throw this.#gone(error);
    }
  }

  async #call<View>(method: string, path: string, body?: unknown): Promise<View> {
    const response = await this.#send(method, path, body, AbortSignal.timeout(answerLimit));
    return response.json() as Promise<View>;
  }

  async #send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = {};
    if (this.#token !== undefined) headers.authorization = `Bearer ${this.#token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(this.#url + path, { method, headers, body: text, signal }).catch((error) => {
      throw this.#gone(error);
    });
    if (!response.ok) throw await toError(response, this.#hints);
    return response;
  }

  #gone(cause: unknown): MeshError {
    const reason = cause instanceof Error && cause.name === 'TimeoutError' ? 'does not answer' : 'is not there';
    return new MeshError('no_mesh', `The mesh at ${this.#url} ${reason}`, { cause, ...hintOf('no_mesh', this.#hints) });
  }
}

function instancePath(service: string, id: string): string {
  return `/v1/services/${encodeURIComponent(service)}/instances/${encodeURIComponent(id)}`;
}

/** What a mesh answered, as the error that it was there; a mesh of another version may know codes that this one does not. */
async function toError(response: Response, hints: Hints): Promise<MeshError> {
  const view = (await response.json().catch(() => undefined)) as Partial<ErrorView> | undefined;
  if (view?.error === undefined) return new MeshError('internal', `The mesh answered ${response.status}`);
  const { code, message, hint } = view.error;
  if (!isKnown(code)) return new MeshError('internal', message, { hint });
  return new MeshError(code, message, { hint, ...hintOf(code, hints) });
}

function hintOf(code: ErrorCode, hints: Hints): { hint?: string } {
  const hint = hints[code];
  return hint === undefined ? {} : { hint };
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
