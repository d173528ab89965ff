import type { Control } from '../../src/admin/control.js';
import type { EventView } from '../../src/admin/wire.js';
import { systemClock } from '../../src/foundation/clock.js';
import { Emitter } from '../../src/foundation/emitter.js';
import { MeshError } from '../../src/foundation/errors.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import { instanceView, scenarioView, servicesView, serviceView, shapingView, statusView } from './views.js';

/** A mesh of nothing but a real registry; what it was asked is in `asked`. */
export function fakeControl() {
  const registry = new Registry(systemClock, memoryStore);
  const events = new Emitter<{ event: EventView }>();
  const asked: string[] = [];
  let listening = 0;
  const control: Control = {
    status: () => statusView(),
    services: () => servicesView([serviceView()]),
    service(name) {
      if (name === 'orders') return serviceView();
      throw new MeshError('unknown_service', `There is no service \`${name}\``);
    },
    processes: () => [],
    async register(service, registration) {
      asked.push(`register ${service} ${registration.id}`);
      const created = registry.instance(service, registration.id ?? '') === undefined;
      const { id, weight, version = null } = await registry.register(service, registration, 'unknown');
      return { instance: instanceView({ id, weight, version }), created };
    },
    async deregister(service, id) {
      asked.push(`deregister ${service} ${id}`);
      return instanceView({ id: (await registry.deregister(service, id)).id });
    },
    heartbeat: (service, id) => instanceView({ id: registry.heartbeat(service, id).id }),
    split(service, split) {
      asked.push(`split ${service} ${JSON.stringify(split)}`);
      return serviceView({ name: service });
    },
    shaping(service) {
      asked.push(`shaping ${service}`);
      return shapingView();
    },
    shape(service, wish) {
      asked.push(`shape ${service} ${JSON.stringify(wish)}`);
      return shapingView();
    },
    scenarios: () => ({ schemaVersion: 1, scenarios: [scenarioView('rush')] }),
    startScenario(name) {
      asked.push(`start ${name}`);
      return scenarioView(name);
    },
    stopScenario(name) {
      asked.push(`stop ${name}`);
      return scenarioView(name);
    },
    config: () => ({ name: 'shop' }),
    async reload() {
      asked.push('reload');
      return { outcome: 'unchanged', message: 'nothing new', diagnostics: [] };
    },
    shutdown: () => asked.push('shutdown'),
    onEvent(listener) {
      const end = events.on('event', listener);
      listening++;
      return () => {
        end();
        listening--;
      };
    },
  };
  return {
    control,
    registry,
    asked,
    listeners: () => listening,
    tell: (event: EventView) => events.emit('event', event),
  };
}
