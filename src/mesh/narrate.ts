import type { SplitWish } from '../admin/control.js';
import type { EventView } from '../admin/wire.js';
import { metricInWords } from '../config/alert-units.js';
import { describeShape } from '../config/describe-shape.js';
import { hashKeyInWords } from '../config/hash-key.js';
import type { ScenarioStep } from '../config/shaping-configs.js';
import { formatAddress } from '../foundation/address.js';
import { formatDuration } from '../foundation/units.js';
import type { RegistryEvent } from '../registry/events.js';
import type { BreakerChange } from '../shaping/circuit/breaker.js';
import type { Exit, ProcessState, ProcessStatus } from '../supervisor/supervisor.js';
import { isSuccess } from '../supervisor/supervisor.js';
import type { Alert, AlertChange } from '../telemetry/alerts/alert.js';
import type { ScenarioRun } from './scenarios.js';
import type { ShapeChange } from './shapes.js';
import { stepInWords } from './shaping-view.js';

/** Events in words: one line each, for `mesh up`, the event stream and the log. */
export function narrateRegistry(event: RegistryEvent, at: number): EventView {
  const instance = 'instance' in event ? event.instance : undefined;
  return {
    type: event.type,
    tone: event.type === 'health-changed' ? healthTones[event.to] : 'quiet',
    at,
    service: event.service,
    instance: instance?.id ?? null,
    message: registryWords(event),
  };
}

export function narrateProcess(status: ProcessStatus, at: number): EventView {
  return {
    type: 'process-state',
    tone: toneOf(status),
    at,
    service: status.service,
    instance: status.replica,
    message: `${status.replica} ${isLooping(status) ? 'is crash looping: ' : ''}${stateInWords(status.state)}`,
  };
}

/** @param instance undefined for the breaker of the whole service */
export function narrateCircuit(
  { from, to, because }: BreakerChange,
  service: string,
  instance: string | undefined,
  at: number,
): EventView {
  const whose = instance === undefined ? service : `${instance} of ${service}`;
  return {
    type: 'circuit-changed',
    tone: circuitTones[to],
    at,
    service,
    instance: instance ?? null,
    message: `the circuit of ${whose} is ${to}, was ${from} (${because})`,
  };
}

export function narratePanic(service: string, isPanicking: boolean, at: number): EventView {
  const message = isPanicking
    ? `too few instances of ${service} are healthy: all of them get requests`
    : `enough instances of ${service} are healthy again: the others get no requests`;
  return { type: 'panic-changed', tone: isPanicking ? 'bad' : 'good', at, service, instance: null, message };
}

/** @param wish undefined where that of the mesh file is in force again */
export function narrateSplit(service: string, wish: SplitWish | undefined, at: number): EventView {
  const words = Object.entries(wish?.versions ?? {}).map(([version, weight]) => `${version}=${weight}`);
  if (wish?.by !== undefined) words.push(`by ${hashKeyInWords(wish.by)}`);
  const message =
    wish === undefined ? `${service} is split as the mesh file says again` : `${service} is split ${words.join(' ')}`;
  return { type: 'split-changed', tone: 'quiet', at, service, instance: null, message };
}

export function narrateShape(service: string, change: ShapeChange, at: number): EventView {
  return { type: 'shape-changed', tone: 'busy', at, service, instance: null, message: shapeWords(service, change) };
}

function shapeWords(service: string, change: ShapeChange): string {
  if (change.kind === 'ended') return `${service} is shaped as the mesh file says again (${change.because})`;
  const { shape, by, since, until } = change.active;
  const ends = until === undefined ? '' : `, for ${formatDuration(until - since)}`;
  return `${service} is shaped by ${by}: ${describeShape(shape).join('; ')}${ends}`;
}

/** @param step the one that was taken; undefined at the end */
export function narrateScenario(run: ScenarioRun, step: ScenarioStep | undefined, at: number): EventView {
  const { scenario, done, state } = run;
  const message =
    step === undefined
      ? `the scenario ${scenario.name} has ${state === 'stopped' ? 'been stopped' : 'ended'}`
      : `the scenario ${scenario.name}, step ${done} of ${scenario.steps.length}: ${stepInWords(step).join('; ')}`;
  const type = step === undefined ? 'scenario-ended' : 'scenario-step';
  return { type, tone: 'quiet', at, service: null, instance: null, message };
}

/** A line that the command of an alert printed. */
export function narrateAlertOutput({ config, service }: Alert, line: string, at: number): EventView {
  return {
    type: 'alert-output',
    tone: 'quiet',
    at,
    service,
    instance: null,
    message: `the command of alert "${config.name}": ${line}`,
  };
}

const circuitTones = { closed: 'good', open: 'bad', 'half-open': 'busy' } as const;

/** undefined where it is no news for the terminal: only what fires, and that it does no more, is told to those who asked for it. */
export function narrateAlert({ alert, at }: AlertChange): EventView | undefined {
  const { config, service, state } = alert;
  if (!config.notify.some(({ kind }) => kind === 'terminal')) return undefined;
  const news = { at, service, instance: null } as const;
  if (state.kind === 'firing') {
    const howLong = config.for === 0 ? '' : ` for ${formatDuration(config.for)}`;
    const message = `alert "${config.name}" fires for ${service}: ${config.when.text}${howLong}${valueInWords(alert)}`;
    return { ...news, type: 'alert-firing', tone: 'bad', message };
  }
  if (state.kind === 'resolved') {
    const lasted = formatDuration(Math.round((state.since - state.firedAt) / 1_000) * 1_000);
    const message = `alert "${config.name}" is resolved for ${service}, after ${lasted}${valueInWords(alert)}`;
    return { ...news, type: 'alert-resolved', tone: 'good', message };
  }
  return undefined;
}

/** ` (p99 is 612ms)` */
function valueInWords({ config: { when }, value }: Alert): string {
  return value === undefined ? '' : ` (${when.metric} is ${metricInWords(when.metric, value)})`;
}

/** News of the mesh as a whole. */
export function narrateMesh(type: 'reloaded' | 'reload-rejected' | 'warning', message: string, at: number): EventView {
  return { type, tone: meshTones[type], at, service: null, instance: null, message };
}

const meshTones = { reloaded: 'good', 'reload-rejected': 'bad', warning: 'busy' } as const;

const healthTones = {
  healthy: 'good',
  unhealthy: 'busy',
  ejected: 'busy',
  draining: 'quiet',
  unknown: 'quiet',
} as const;

function toneOf(status: ProcessStatus): EventView['tone'] {
  const { state } = status;
  if (isLooping(status) || state.kind === 'failed') return 'bad';
  if (state.kind === 'ready') return 'good';
  const hasFailed = (state.kind === 'backing-off' || state.kind === 'exited') && !isSuccess(state.exit);
  return hasFailed ? 'busy' : 'quiet';
}

/** It has ended once more; while it runs, nobody knows yet. */
function isLooping({ crashLooping, state }: ProcessStatus): boolean {
  return crashLooping && state.kind === 'backing-off';
}

export function stateInWords(state: ProcessState): string {
  switch (state.kind) {
    case 'waiting':
      return state.for.length === 0 ? 'is about to start' : `waits for ${state.for.join(', ')}`;
    case 'starting':
      return state.port === undefined ? 'is starting' : `is starting on port ${state.port}`;
    case 'ready':
      return 'is ready';
    case 'backing-off':
      return `${exitInWords(state.exit)}; starts again in ${formatDuration(state.delay)}`;
    case 'stopping':
      return 'is stopping';
    case 'exited':
      return `${exitInWords(state.exit)} and stays ended`;
    case 'failed':
      return `could not be started: ${state.reason}`;
    case 'stopped':
      return 'is stopped';
  }
}

function exitInWords(exit: Exit): string {
  return exit.kind === 'code' ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
}

function registryWords(event: RegistryEvent): string {
  switch (event.type) {
    case 'service-added':
      return `${event.service} is a service now`;
    case 'service-removed':
      return `${event.service} is no service any more`;
    case 'instance-added':
      return `${event.instance.id} of ${event.service} joined at ${formatAddress(event.instance.address)}`;
    case 'instance-updated':
      return `${event.instance.id} of ${event.service} was updated`;
    case 'instance-removed':
      return `${event.instance.id} of ${event.service} ${removalWords[event.reason]}`;
    case 'health-changed': {
      const { healthReason: reason, id } = event.instance;
      return `${id} of ${event.service} is ${healthWords(event)}${reason === undefined ? '' : ` (${reason})`}`;
    }
  }
}

/** Whoever nobody checks is not unknown to people: it is back, or not checked any more. */
function healthWords({ from, to }: Extract<RegistryEvent, { type: 'health-changed' }>): string {
  if (from === 'ejected' || from === 'draining') return to === 'unknown' || to === 'healthy' ? 'back' : to;
  return to === 'unknown' ? 'not checked any more' : to;
}

const removalWords = {
  deregistered: 'was deregistered',
  expired: 'left: its lease expired without a heartbeat',
  stopped: 'left: its process ended',
  file: 'left: the mesh file names it no more',
  moved: 'moved to another address',
  replaced: 'was replaced: the mesh file or a process has its id now',
} as const;
