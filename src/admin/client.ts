import { errorTable } from '../foundation/error-table.js';
import type { ErrorCode } from '../foundation/errors.js';
import { MeshError } from '../foundation/errors.js';
import { parseJson } from '../foundation/state-file.js';
import type { AlertDetailsView, AlertsView } from './alerts-wire.js';
import type { ExchangeEventView, ExchangeStory, ExchangesQuery, ExchangesView } from './exchanges-wire.js';
import type { GraphView } from './graph-wire.js';
import type { LogEventView, LogsQuery } from './logs-wire.js';
import type { OverviewView } from './overview-wire.js';
import { paths } from './paths.js';
import type { ScenariosView, ScenarioView, ShapeBody, ShapingView } from './shaping-wire.js';
import type { TraceView } from './traces-wire.js';
import type { SplitBody } from './traffic-wire.js';
import type { InstanceView, RegistrationBody, ReloadView, ServicesView, ServiceView, StatusView } from './wire.js';

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
    return this.#call('GET', paths.service(name));
  }

  register(service: string, id: string, body: RegistrationBody): Promise<InstanceView> {
    return this.#call('PUT', paths.instance(service, id), body);
  }

  deregister(service: string, idOrAddress: string): Promise<InstanceView> {
    return this.#call('DELETE', paths.instance(service, idOrAddress));
  }

  split(service: string, body: SplitBody): Promise<ServiceView> {
    return this.#call('PUT', paths.split(service), body);
  }

  clearSplit(service: string): Promise<ServiceView> {
    return this.#call('DELETE', paths.split(service));
  }

  shape(service: string, body: ShapeBody): Promise<ShapingView> {
    return this.#call('PUT', paths.shaping(service), body);
  }

  clearShape(service: string): Promise<ShapingView> {
    return this.#call('DELETE', paths.shaping(service));
  }

  /** @param after the sequence of the last one that is known already */
  exchanges(after: number): Promise<ExchangesView> {
    return this.#call('GET', `/v1/exchanges?after=${after}`);
  }

  /** The exchanges that end from now on, each as soon as it does, and `end` with the mesh. It is over when the signal aborts. */
  followExchanges(query: ExchangesQuery, signal: AbortSignal): AsyncGenerator<ExchangeEventView> {
    return this.#follow(paths.exchangeStream(query), signal);
  }

  exchange(id: string): Promise<ExchangeStory> {
    return this.#call('GET', paths.exchange(id));
  }

  trace(traceId: string): Promise<TraceView> {
    return this.#call('GET', paths.trace(traceId));
  }

  /** @param seconds of the trends  @param limit milliseconds that the answer may take */
  overview(seconds: number, limit = answerLimit): Promise<OverviewView> {
    return this.#call('GET', `/v1/overview?seconds=${seconds}`, undefined, limit);
  }

  graph(): Promise<GraphView> {
    return this.#call('GET', '/v1/graph');
  }

  alerts(): Promise<AlertsView> {
    return this.#call('GET', '/v1/alerts');
  }

  alert(name: string, service?: string): Promise<AlertDetailsView> {
    return this.#call('GET', paths.alert(name, service));
  }

  scenarios(): Promise<ScenariosView> {
    return this.#call('GET', '/v1/scenarios');
  }

  startScenario(name: string): Promise<ScenarioView> {
    return this.#call('PUT', paths.run(name), {});
  }

  stopScenario(name: string): Promise<ScenarioView> {
    return this.#call('DELETE', paths.run(name));
  }

  /** What the services print: what is kept of it, `live`, what comes, and `end` with the mesh. It is over when the signal aborts. */
  followLogs(query: LogsQuery, signal: AbortSignal): AsyncGenerator<LogEventView> {
    return this.#follow(paths.logStream(query), signal);
  }

  reload(): Promise<ReloadView> {
    return this.#call('POST', '/v1/reload');
  }

  async shutdown(): Promise<void> {
    await this.#call('POST', '/v1/shutdown');
  }

  /** Server-sent events up to `end`. Nothing of them is read ahead of whoever takes them. */
  async *#follow<Event extends { readonly type: string }>(path: string, signal: AbortSignal): AsyncGenerator<Event> {
    try {
      const response = await this.#open(path, signal);
      if (response.status >= 400) throw this.#errorIn(parseJson(await response.text()));
      for await (const data of eventsIn(response)) {
        const event = parseJson(data);
        if (signal.aborted) return;
        if (!isView<Event>(event)) continue;
        yield event;
        if (event.type === 'end') return;
      }
      throw this.#none('is gone');
    } catch (cause) {
      if (signal.aborted) return;
      throw cause instanceof MeshError ? cause : this.#none('is gone', cause);
    }
  }

  async #call<View>(method: string, path: string, body?: unknown, limit = answerLimit): Promise<View> {
    const { status, text } = await this.#send(method, path, body, limit);
    const view = parseJson(text);
    if (status >= 400) throw this.#errorIn(view);
    if (!isView<View>(view)) throw this.#none('is not that of a mesh: something else answers there');
    return view;
  }

  async #send(method: string, path: string, body: unknown, limit: number): Promise<{ status: number; text: string }> {
    const headers: Record<string, string> = this.#credentials();
    if (body !== undefined) headers['content-type'] = 'application/json';
    const signal = AbortSignal.timeout(limit);
    try {
      const response = await fetch(this.#url + path, { method, headers, body: JSON.stringify(body), signal });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      throw this.#unreachable(cause);
    }
  }

  /** The head of a stream comes in time; what follows takes as long as it takes. */
  async #open(path: string, signal: AbortSignal): Promise<Response> {
    const call = new AbortController();
    const limit = AbortSignal.timeout(answerLimit);
    const giveUp = () => call.abort(limit.reason);
    limit.addEventListener('abort', giveUp);
    signal.addEventListener('abort', () => call.abort(), { once: true });
    try {
      return await fetch(this.#url + path, { headers: this.#credentials(), signal: call.signal });
    } catch (cause) {
      throw this.#unreachable(cause);
    } finally {
      limit.removeEventListener('abort', giveUp);
    }
  }

  #credentials(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  #unreachable(cause: unknown): MeshError {
    if (!URL.canParse(this.#url) || !/^https?:/.test(this.#url)) return this.#none('has no http:// in front', cause);
    const isLate = cause instanceof Error && cause.name === 'TimeoutError';
    return this.#none(isLate ? 'does not answer' : 'is not there', cause);
  }

  /** As the mesh tells it; a mesh of another version may know codes that this one does not. */
  #errorIn(view: unknown): MeshError {
    const { code, message, hint } = errorOf(view);
    if (code === undefined || message === undefined) {
      return this.#none('is not that of a mesh: something else answers there');
    }
    if (!isKnown(code)) return new MeshError('internal', message, { hint });
    return new MeshError(code, message, { hint, ...hintOf(code, this.#hints) });
  }

  #none(why: string, cause?: unknown): MeshError {
    return new MeshError('no_mesh', `The mesh at ${this.#url} ${why}`, { cause, ...hintOf('no_mesh', this.#hints) });
  }
}

/** What a mesh answers is what wire.ts says; what something else answers is no JSON, as a rule. */
function isView<View>(value: unknown): value is View {
  return typeof value === 'object' && value !== null;
}

/** The data of server-sent events, each as it comes: those of a mesh are one line. */
async function* eventsIn({ body }: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let unfinished = '';
  for await (const chunk of body ?? []) {
    const frames = (unfinished + decoder.decode(chunk, { stream: true })).split('\n\n');
    unfinished = frames.pop() ?? '';
    for (const frame of frames) {
      const data = frame.split('\n').find((line) => line.startsWith(dataField));
      if (data !== undefined) yield data.slice(dataField.length);
    }
  }
}

const dataField = 'data: ';

/** `{ error: { code, message, hint } }`, where it is one. By hand: zod would cost every command more than all the rest of it. */
function errorOf(view: unknown): { code?: string; message?: string; hint?: string } {
  const error = fieldOf(view, 'error');
  const text = (name: string) => {
    const value = fieldOf(error, name);
    return typeof value === 'string' ? { [name]: value } : {};
  };
  return { ...text('code'), ...text('message'), ...text('hint') };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function hintOf(code: ErrorCode, hints: Hints): { hint?: string } {
  const hint = hints[code];
  return hint === undefined ? {} : { hint };
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
