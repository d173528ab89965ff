import type { MeshOptions } from '../config/load.js';
import type { HashKeyConfig } from '../config/policy-configs.js';
import type { Registration } from '../registry/registration.js';
import type { OutputLine, OutputReader, Since } from '../supervisor/output.js';
import type { RecordFilter } from '../telemetry/records/record-filter.js';
import type { ServiceSpan } from '../telemetry/traces/service-span.js';
import type { SentSpans } from '../telemetry/traces/span-relay.js';
import type { AlertDetailsView, AlertsView } from './alerts-wire.js';
import type { ExchangeStory, ExchangesView } from './exchanges-wire.js';
import type { Followed } from './follower.js';
import type { GraphView } from './graph-wire.js';
import type { TargetGroupView } from './metrics-wire.js';
import type { OverviewView } from './overview-wire.js';
import type { ScenariosView, ScenarioView, ShapingView } from './shaping-wire.js';
import type { TraceView } from './traces-wire.js';
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

/** Where a reader of the output begins; undefined: at the oldest line that is kept. */
export interface OutputStart {
  /** The newest so many lines of each service. */
  readonly tail: number | undefined;
  readonly since: Since | undefined;
  /** The id of an exchange or a trace: only lines that name it, or another exchange of its trace. */
  readonly trace?: string | undefined;
  /** Which trace each line names is looked up. */
  readonly traceIds?: boolean | undefined;
}

/** Which exchanges are wanted. */
export interface ExchangesWish extends RecordFilter {
  /** Undefined: those of all, and those for none. */
  readonly service: string | undefined;
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
  /**
   * Reads what the services and processes of those names print, or all of them where there is none.
   * @throws unknown_service for one that is not there, or that the mesh does not run
   */
  readOutput(names: readonly string[], start: OutputStart): OutputReader;
  /** Tells of every line that is printed from now on; the answer ends it. */
  onOutput(listener: (line: OutputLine) => void): () => void;
  /** Those that ended after the one of that sequence. @throws unknown_service */
  exchanges(after: number, wish: ExchangesWish): ExchangesView;
  /** Those that end from now on. @throws unknown_service */
  followExchanges(wish: ExchangesWish): Followed;
  /** By its id, or that of its trace. @throws unknown_exchange */
  exchange(id: string): ExchangeStory;
  /** Each at each service that it is watched for. */
  alerts(): AlertsView;
  /** One of them, and what was found when it fired last; for one service, or for whichever. @throws unknown_alert, unknown_service */
  alert(name: string, service: string | undefined): AlertDetailsView;
  /** Keeps what a service tells of its own. */
  keepSpans(spans: readonly ServiceSpan[]): void;
  /** Sends it to where the mesh's own spans go, too. */
  relaySpans(sent: SentSpans): void;
  /** @throws unknown_trace */
  trace(traceId: string): TraceView;
  /** Every service, for a screen. @param seconds of their trends */
  overview(seconds: number): Promise<OverviewView>;
  /** Who calls whom. */
  graph(): GraphView;
  /** All numbers, as Prometheus reads them. */
  metrics(): string;
  /** The instances, as Prometheus discovers them. */
  targets(): TargetGroupView[];
  /** The mesh file as it is in force, every default written out, without secrets. */
  config(): MeshOptions;
  reload(): Promise<ReloadView>;
  /** Begins an orderly stop and returns. */
  shutdown(): void;
  /** Tells of every event from now on; the answer ends it. */
  onEvent(listener: (event: EventView) => void): () => void;
}
