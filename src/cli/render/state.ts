import type { TrafficView } from '../../admin/traffic-wire.js';
import type { InstanceView, ProcessView, ServiceView } from '../../admin/wire.js';
import type { Tone } from './paint.js';

export interface StateInWords {
  readonly words: string;
  readonly tone: Tone;
}

/** What of a service tells how it fares: `ls` and `top` know it by different views. */
export interface Faring extends Pick<ServiceView, 'ready' | 'expose'> {
  readonly instances: ReadonlyArray<Pick<InstanceView, 'health' | 'circuit'>>;
  readonly processes: ReadonlyArray<Pick<ProcessView, 'state' | 'crashLooping'>>;
  readonly traffic: Pick<TrafficView, 'circuit' | 'panicking'>;
}

/** How a service fares, in a word or two: the worst that is worth a look comes first. */
export function serviceState(service: Faring): StateInWords {
  const { processes, instances } = service;
  if (processes.some(({ crashLooping }) => crashLooping)) return { words: 'crash looping', tone: 'bad' };
  if (processes.some(({ state }) => state === 'failed')) return { words: 'failed', tone: 'bad' };
  if (isShut(service)) return { words: 'circuit open', tone: 'bad' };
  if (service.traffic.panicking) return { words: 'panicking', tone: 'bad' };
  if (service.ready) return readyState(service);
  const pending = processes.find(({ state }) => state !== 'ready');
  if (pending !== undefined) return processState(pending);
  if (instances.length === 0) return { words: service.expose ? 'no instances' : 'stopped', tone: 'busy' };
  return { words: 'unhealthy', tone: 'bad' };
}

/** Nobody gets through: the breaker of the service is open, or that of each instance. */
function isShut({ traffic, instances }: Faring): boolean {
  if (traffic.circuit?.state === 'open') return true;
  return instances.length > 0 && instances.every(({ circuit }) => circuit?.state === 'open');
}

export function processState({ state, crashLooping }: Pick<ProcessView, 'state' | 'crashLooping'>): StateInWords {
  if (crashLooping) return { words: 'crash looping', tone: 'bad' };
  switch (state) {
    case 'ready':
      return { words: 'ready', tone: 'good' };
    case 'failed':
      return { words: 'failed', tone: 'bad' };
    case 'backing-off':
      return { words: 'backing off', tone: 'bad' };
    case 'exited':
    case 'stopped':
      return { words: state, tone: 'quiet' };
    case 'waiting':
    case 'starting':
    case 'stopping':
      return { words: state, tone: 'busy' };
  }
}

export function instanceState({ health }: InstanceView): StateInWords {
  switch (health) {
    case 'healthy':
      return { words: 'healthy', tone: 'good' };
    case 'unhealthy':
    case 'ejected':
      return { words: health, tone: 'bad' };
    case 'draining':
      return { words: 'draining', tone: 'busy' };
    case 'unknown':
      return { words: 'not checked', tone: 'quiet' };
  }
}

/** From this share of failures on, it is bad; below, it is to be watched. */
const badErrorRate = 0.05;

export function failureTone(errorRate: number): Tone {
  return errorRate >= badErrorRate ? 'bad' : 'busy';
}

/** Of how many instances how many may be called: one that nobody checks is trusted. */
export function upCount(service: Pick<Faring, 'instances'>): { up: number; total: number } {
  const up = service.instances.filter(({ health }) => health === 'healthy' || health === 'unknown').length;
  return { up, total: service.instances.length };
}

function readyState(service: Faring): StateInWords {
  const { processes } = service;
  if (processes.length > 0 && processes.every(({ state }) => state === 'exited'))
    return { words: 'done', tone: 'quiet' };
  if (!service.expose) return { words: 'running', tone: 'good' };
  const { up, total } = upCount(service);
  if (service.instances.every(({ health }) => health === 'unknown')) return { words: 'not checked', tone: 'quiet' };
  return up === total ? { words: 'ready', tone: 'good' } : { words: 'degraded', tone: 'busy' };
}
