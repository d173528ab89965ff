import type { EventView } from '../admin/wire.js';
import { formatAddress } from '../foundation/address.js';
import { formatDuration } from '../foundation/units.js';
import type { RegistryEvent } from '../registry/events.js';
import type { Exit, ProcessState, ProcessStatus } from '../supervisor/supervisor.js';

/** Events in words: one line each, for `mesh up`, the event stream and the log. */
export function narrateRegistry(event: RegistryEvent, at: number): EventView {
  const instance = 'instance' in event ? event.instance : undefined;
  return {
    type: event.type,
    at,
    service: event.service,
    instance: instance?.id ?? null,
    message: registryWords(event),
  };
}

export function narrateProcess(status: ProcessStatus, at: number): EventView {
  return {
    type: 'process-state',
    at,
    service: status.service,
    instance: status.replica,
    message: `${status.replica} ${status.crashLooping ? 'is crash looping: ' : ''}${stateInWords(status.state)}`,
  };
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
      const reason = event.instance.healthReason;
      return `${event.instance.id} of ${event.service} is ${event.to}${reason === undefined ? '' : ` (${reason})`}`;
    }
  }
}

const removalWords = {
  deregistered: 'was deregistered',
  expired: 'left: its lease expired without a heartbeat',
  stopped: 'left: its process ended',
  file: 'left: the mesh file names it no more',
} as const;
