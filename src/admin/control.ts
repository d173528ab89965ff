import type { MeshOptions } from '../config/load.js';
import type { HashKeyConfig } from '../config/policy-configs.js';
import type { Registration } from '../registry/registration.js';
import type { ScenariosView, ScenarioView, ShapingView } from './shaping-wire.js';
import type {
  EventView,
  InstanceView,
  ProcessView,
  ReloadView,
  ServicesView,
  ServiceView,
  StatusView,
} from './wire.js';

/** Version → weight, and what of a request decides. */
export interface SplitWish {
  readonly versions: Readonly<Record<string, number>>;
  readonly by: HashKeyConfig | undefined;
}

/** How traffic shall be shaped. */
export interface ShapeWish {
  /** Keys of a service, as the mesh file has them. */
  readonly values: unknown;
  /** Milliseconds; undefined: until it is cleared. */
  readonly duration: number | undefined;
  readonly by: string;
}

/** All that the admin API needs of a mesh. The mesh implements it; a test may, too. */
export interface Control {
  status(): StatusView;
  services(): ServicesView;
  /** @throws unknown_service */
  service(name: string): ServiceView;
  /** Of one service; empty for one that the mesh does not run. */
  processes(service: string): ProcessView[];
  /** Creates or updates; resolves when it is durable. @throws invalid_registration, forbidden_target */
  register(service: string, registration: Registration): Promise<{ instance: InstanceView; created: boolean }>;
  /** By id or address. @throws unknown_service, unknown_instance, not_registered */
  deregister(service: string, idOrAddress: string): Promise<InstanceView>;
  /** @throws unknown_service, unknown_instance */
  heartbeat(service: string, id: string): InstanceView;
  /** Deals requests to the service out in another way until it is cleared, or the mesh stops. @throws unknown_service */
  split(service: string, split: SplitWish | undefined): ServiceView;
  /** @throws unknown_service */
  shaping(service: string): ShapingView;
  /** Shapes the traffic to the service until it is cleared, its time is up, or the mesh stops. @throws unknown_service, invalid_request */
  shape(service: string, wish: ShapeWish | undefined): ShapingView;
  scenarios(): ScenariosView;
  /** @throws unknown_scenario, scenario_running */
  startScenario(name: string): ScenarioView;
  /** Ends it, and clears what it has set. @throws unknown_scenario */
  stopScenario(name: string): ScenarioView;
  /** The mesh file as it is in force, every default written out, without secrets. */
  config(): MeshOptions;
  reload(): Promise<ReloadView>;
  /** Begins an orderly stop and returns. */
  shutdown(): void;
  /** Tells of every event from now on; the answer ends it. */
  onEvent(listener: (event: EventView) => void): () => void;
}
