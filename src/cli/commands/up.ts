import { systemClock } from '../../foundation/clock.js';
import { MeshError } from '../../foundation/errors.js';
import { ServiceMesh } from '../../mesh/service-mesh.js';
import { version } from '../../mesh/version.js';
import type { Context } from '../context.js';
import { chooseMeshFile } from '../mesh-file.js';
import { renderBanner } from '../render/banner.js';
import { keepHeapSmall } from '../small-heap.js';
import { keepYoungSmall } from '../small-young.js';
import { StopRequests } from '../stop-requests.js';
import { Narrator } from './up-narrator.js';
import { listenToShortcuts } from './up-shortcuts.js';

export interface UpOptions {
  readonly file?: string;
  readonly detach?: boolean;
  /** Milliseconds. */
  readonly waitTimeout: number;
  /** Said by `mesh up -d` to itself: both outputs go there. */
  readonly logFile?: string;
}

export async function up(context: Context, services: readonly string[], options: UpOptions): Promise<number> {
  const file = await chooseMeshFile(context.terminal, options.file);
  if (options.logFile !== undefined) await context.terminal.boundOutput(options.logFile);
  if (!options.detach) return upInForeground(context, file, services, options.waitTimeout);
  const { upDetached } = await import('./up-detached.js');
  return upDetached(context, file, services, options.waitTimeout);
}

/** Runs the mesh in this process until somebody ends it: Ctrl-C, a signal, `mesh down`, `q`, or a closed terminal. */
async function upInForeground(
  context: Context,
  file: string,
  services: readonly string[],
  waitTimeout: number,
): Promise<number> {
  const { terminal } = context;
  const begun = terminal.now();
  keepHeapSmall(systemClock);
  keepYoungSmall();
  const mesh = await ServiceMesh.fromFile(file, { environment: terminal.environment });
  const stops = new StopRequests(terminal);
  const narrator = new Narrator(context, mesh);
  let endShortcuts = () => {};
  try {
    await mesh.start(services.length === 0 ? {} : { only: services }).catch(asUsage); // short, and not to be interrupted half-way
    narrator.started();
    endShortcuts = listenToShortcuts(context, mesh.control, stops);
    const readiness = await Promise.race([stops.first, mesh.ready(waitTimeout), mesh.stopped]);
    if (readiness !== undefined) {
      context.print(bannerOf(context, mesh, readiness.waiting, terminal.now() - begun));
      narrator.up(readiness.ready);
      await Promise.race([stops.first, mesh.stopped]);
    }
    return await stop(context, mesh, stops);
  } finally {
    endShortcuts();
    stops.close();
    narrator.close();
  }
}

/** A service that is not there is a mistake of the command line. */
function asUsage(error: unknown): never {
  if (!(error instanceof MeshError) || error.code !== 'unknown_service') throw error;
  throw new MeshError('usage', error.message, { hint: error.hint });
}

async function stop(context: Context, mesh: ServiceMesh, stops: StopRequests): Promise<number> {
  context.terminal.leaveUnread(); // `mesh down` waits for the end of this process
  const forced = await Promise.race([mesh.stop(), stops.second]);
  if (forced === undefined) {
    context.note(`${mesh.name} has stopped`);
    return stops.exitCode;
  }
  mesh.kill();
  context.note(`${mesh.name} was ended by force`);
  return forced;
}

function bannerOf(context: Context, mesh: ServiceMesh, waiting: readonly string[], took: number): string {
  return renderBanner(
    {
      version,
      mesh: mesh.name,
      took,
      waiting,
      gateway: mesh.gatewayUrl,
      admin: mesh.adminUrl,
      services: mesh.control.services().services,
      notices: mesh.notices,
      closing: context.terminal.isInteractive ? 'press h + enter to show help' : '`mesh down` ends it',
    },
    context.paint,
  );
}
