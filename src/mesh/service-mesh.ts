import type { Control } from '../admin/control.js';
import type { ReloadView } from '../admin/wire.js';
import type { MeshOptions } from '../config/load.js';
import { loadFile, loadOptions } from '../config/load.js';
import type { Snapshot } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import { systemClock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import type { SeriesRow } from '../telemetry/measure.js';
import type { MeshEvents } from './events.js';
import type { MeshInstance, MeshService, RegistrationOptions } from './face.js';
import { faceOfInstance, faceOfService, toRegistration } from './face.js';
import { Lifecycle } from './lifecycle.js';
import type { Readiness } from './readiness.js';

export interface MeshContext {
  /** Against which relative paths are read, for a mesh that was not made from a file. Default: the working directory. */
  readonly directory?: string;
  /** What `${NAME}` in the mesh file reads, and what the services inherit. Default: the environment of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface StartOptions {
  /** Runs only these services and what they depend on; the others are there, without processes. Default: all. */
  readonly only?: readonly string[];
}

/**
 * A service mesh in this process. Nothing is shared between two of them, and nothing outside them is touched: no signal
 * handlers, no exit, no console; but V8 is told once how to lay out new objects (`gateway/young.ts`).
 *
 * ```ts
 * await using mesh = new ServiceMesh({ services: { orders: { instances: ['127.0.0.1:4001'] } } });
 * await mesh.start();
 * await fetch(`${mesh.gatewayUrl}/`, { headers: { 'x-mesh-service': 'orders' } });
 * ```
 */
export class ServiceMesh implements AsyncDisposable {
  readonly #lifecycle: Lifecycle;

  /**
   * @param source the same keys as a mesh file, or a snapshot that was loaded already
   * @throws ConfigError naming everything that is wrong with it
   */
  constructor(source: MeshOptions | Snapshot, context: MeshContext = {}) {
    const { directory = process.cwd(), environment = process.env } = context;
    const snapshot = isSnapshot(source) ? source : loadOptions(source, { directory });
    this.#lifecycle = new Lifecycle(snapshot, systemClock, environment);
  }

  /** @throws ConfigError naming every mistake with its line; MeshError config_not_found, config_unreadable */
  static async fromFile(path: string, context: MeshContext = {}): Promise<ServiceMesh> {
    const { environment = process.env } = context;
    return new ServiceMesh(await loadFile(path, environment), { environment });
  }

  get name(): string {
    return this.#lifecycle.rooms.snapshot.name;
  }

  /** Absolute path of the mesh file. */
  get file(): string | undefined {
    return this.#lifecycle.rooms.snapshot.file;
  }

  /**
   * Opens the gateway and the admin API and starts the services. Resolves when requests are accepted; `ready()` waits
   * for the services. A mesh is started once.
   * @throws MeshError port_taken, listen_failed, already_running, file_inaccessible, unknown_service
   */
  start(options: StartOptions = {}): Promise<void> {
    return this.#lifecycle.start(options.only);
  }

  /** Waits until every service that the mesh runs is ready, or one will not be, or the mesh stops, or the time is up (milliseconds; default: without limit). */
  ready(timeout?: number): Promise<Readiness> {
    return this.#lifecycle.ready(timeout);
  }

  /**
   * Lets requests under way finish, stops the services, and closes everything. Calling it again waits for the same end.
   * @throws what kept something from being closed; all the rest is closed nevertheless
   */
  stop(): Promise<void> {
    return this.#lifecycle.stop();
  }

  /** Ends every process of the mesh at once, for when `stop()` takes too long. */
  kill(): void {
    this.#lifecycle.rooms.supervisor.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Resolves when the mesh has stopped, whoever asked for it. */
  get stopped(): Promise<void> {
    return this.#lifecycle.stopped;
  }

  /** `http://127.0.0.1:8080`. @throws MeshError no_mesh before `start()` */
  get gatewayUrl(): string {
    return this.#lifecycle.gatewayUrl;
  }

  /** `http://127.0.0.1:8081`. @throws MeshError no_mesh before `start()` */
  get adminUrl(): string {
    return this.#lifecycle.adminUrl;
  }

  /** What the admin API wants as a bearer token; undefined when it wants none. */
  get token(): string | undefined {
    return this.#lifecycle.token;
  }

  /** What a person should know of the start: a port that was taken, registrations that were set aside. */
  get notices(): readonly string[] {
    return this.#lifecycle.notices;
  }

  /** @throws MeshError unknown_service */
  getService(name: string): MeshService {
    const service = this.#lifecycle.rooms.registry.service(name);
    if (service === undefined) throw new MeshError('unknown_service', `There is no service \`${name}\``);
    return faceOfService(service);
  }

  get services(): readonly MeshService[] {
    return this.#lifecycle.rooms.registry.services.map(faceOfService);
  }

  /**
   * What came to a service in the last fifteen minutes, second by second, oldest first; without the second under way.
   * @throws MeshError unknown_service
   */
  series(service: string): readonly SeriesRow[] {
    const { name } = this.getService(service);
    return this.#lifecycle.rooms.measure.series(name);
  }

  /**
   * Registers an instance, `"127.0.0.1:4001"` or with details. The same id (default: the address) again is an update.
   * Resolves when it is kept, where `registry.store` is `file`; before `start()`, it is kept from the start on.
   * @throws MeshError invalid_registration, forbidden_target, file_inaccessible, shutting_down
   */
  async register(service: string, instance: string | RegistrationOptions): Promise<MeshInstance> {
    const { port } = configOf(this.#lifecycle.rooms.snapshot, service);
    const { instance: view } = await this.control.register(service, toRegistration(instance, port));
    return faceOfInstance(this.#lifecycle.rooms.registry, service, view.id);
  }

  /** Takes out a registered instance, by id or address. @throws MeshError unknown_service, unknown_instance, not_registered, file_inaccessible, shutting_down */
  async deregister(service: string, idOrAddress: string): Promise<void> {
    await this.control.deregister(service, idOrAddress);
  }

  /** Takes up the mesh file as it is now; a watching mesh does so by itself. */
  reload(): Promise<ReloadView> {
    return this.control.reload();
  }

  /** Calls `listener` for each event of that name from now on; the answer ends it. */
  on<Name extends keyof MeshEvents>(name: Name, listener: (event: MeshEvents[Name]) => void): () => void {
    return this.#lifecycle.rooms.events.on(name, (event) => {
      try {
        listener(event);
      } catch (error) {
        // Its owner's trouble, and as loud as any: but it must not end a health check or a registration half-way.
        queueMicrotask(() => {
          throw error;
        });
      }
    });
  }

  /** What the admin API offers, without HTTP. */
  get control(): Control {
    return this.#lifecycle.control;
  }
}

function isSnapshot(source: MeshOptions | Snapshot): source is Snapshot {
  return source?.services instanceof Map; // a program without types may give anything; loadOptions says what is wrong
}
