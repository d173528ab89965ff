import { ProcessMeter } from '../supervisor/process-numbers.js';
import { exportedSpanFamilies } from '../telemetry/prometheus/exported-spans.js';
import type { Family } from '../telemetry/prometheus/exposition.js';
import { exposition } from '../telemetry/prometheus/exposition.js';
import { serviceSpanFamilies } from '../telemetry/prometheus/service-spans.js';
import { trafficFamilies } from '../telemetry/prometheus/traffic.js';
import { alertFamilies } from './alert-families.js';
import type { Rooms } from './assemble.js';
import { instanceFamilies } from './instance-families.js';
import { policyFamilies } from './policy-families.js';
import { ownProcessFamilies, processFamilies } from './process-families.js';
import { version } from './version.js';

/** Milliseconds. */
const second = 1_000;

/** Everything there is to count and to measure of a mesh, as Prometheus reads it; what only events tell is counted here. */
export class MetricsView {
  readonly #rooms: Rooms;
  readonly #processes = new ProcessMeter();
  readonly #startedAt: number;
  readonly #ejections = new Map<string, number>();
  readonly #reloads = { success: 0, failure: 0 };
  #lastReload: number;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
    this.#startedAt = rooms.clock.now();
    this.#lastReload = this.#startedAt;
    rooms.registry.on((event) => {
      if (event.type === 'service-removed') this.#ejections.delete(event.service);
      if (event.type !== 'health-changed' || event.to !== 'ejected') return;
      this.#ejections.set(event.service, (this.#ejections.get(event.service) ?? 0) + 1);
    });
    rooms.events.on('event', ({ type, at }) => {
      if (type === 'reload-rejected') this.#reloads.failure++;
      if (type !== 'reloaded') return;
      this.#reloads.success++;
      this.#lastReload = at;
    });
  }

  text(): string {
    const { measure, supervisor } = this.#rooms;
    return exposition([
      ...trafficFamilies(measure),
      ...instanceFamilies(this.#rooms),
      ...policyFamilies(this.#rooms),
      ...alertFamilies(this.#rooms),
      ...exportedSpanFamilies(this.#rooms.traces.counts),
      ...serviceSpanFamilies(this.#rooms.spans.counts),
      ...this.#told(),
      ...processFamilies(this.#processes.read(supervisor.statuses())),
      ...ownProcessFamilies(this.#startedAt / second),
    ]);
  }

  #told(): Family[] {
    const services = this.#rooms.registry.services.map(({ name }) => name);
    return [
      {
        name: 'mesh_ejections_total',
        type: 'counter',
        help: 'How often an instance was taken out of rotation for what it answered.',
        samples: services.map((service) => ({ labels: { service }, value: this.#ejections.get(service) ?? 0 })),
      },
      {
        name: 'mesh_config_reloads_total',
        type: 'counter',
        help: 'How often another mesh file was taken up, or refused.',
        samples: Object.entries(this.#reloads).map(([result, value]) => ({ labels: { result }, value })),
      },
      {
        name: 'mesh_config_last_reload_success_timestamp_seconds',
        type: 'gauge',
        help: 'When the mesh file that is in force was taken up.',
        samples: [{ labels: {}, value: this.#lastReload / second }],
      },
      {
        name: 'mesh_build_info',
        type: 'gauge',
        help: 'Always 1: the labels say what runs.',
        samples: [{ labels: { version, node: process.version, mesh: this.#rooms.snapshot.name }, value: 1 }],
      },
    ];
  }
}
