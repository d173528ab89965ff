import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { ProcessConfig, ServiceConfig } from '../../src/config/snapshot.js';
import type { Clock } from '../../src/foundation/clock.js';
import { systemClock } from '../../src/foundation/clock.js';
import type { CheckPlan } from '../../src/health/active.js';
import { HealthChecker } from '../../src/health/active.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import type { OutputLine, ProcessState, ProcessStatus, SupervisorRooms } from '../../src/supervisor/supervisor.js';
import { Supervisor } from '../../src/supervisor/supervisor.js';
import { plainPolicies } from '../support/policies.js';

/** A server that answers with its pid. */
export const server = `exec node -e "require('http').createServer((_, response) => response.end(String(process.pid))).listen(process.env.PORT, 'localhost')"`;

/** Runs until it is asked to end. */
export const idler = 'exec sleep 600';

export type Wish = Partial<ProcessConfig> &
  Pick<ProcessConfig, 'command'> & { readonly expose?: boolean; readonly port?: number };

/** What the mesh file would say of these services, by name. */
export function servicesOf(wishes: Record<string, Wish>): ReadonlyMap<string, ServiceConfig> {
  return new Map(Object.entries(wishes).map(([name, wish]) => [name, serviceOf(name, wish)]));
}

function serviceOf(name: string, { expose = false, port, ...wish }: Wish): ServiceConfig {
  return {
    ...plainPolicies,
    name,
    expose,
    process: {
      directory: tmpdir(),
      environment: {},
      replicas: 1,
      version: undefined,
      dependsOn: [],
      restart: 'on-failure',
      stopTimeout: 5_000,
      watch: [],
      ...wish,
    },
    instances: [],
    port,
    routes: [],
    listen: undefined,
    healthCheck: undefined,
    slo: undefined,
  };
}

const portAccepts: CheckPlan = {
  until: 'first-success',
  check: { probe: { kind: 'tcp' }, interval: 1_000, timeout: 1_000, healthyThreshold: 1, unhealthyThreshold: 3 },
};

export interface World extends AsyncDisposable {
  readonly supervisor: Supervisor;
  readonly registry: Registry;
  readonly folder: string;
  readonly lines: OutputLine[];
  /** `web-1 starting`, in order. */
  readonly states: string[];
  apply(wishes: Record<string, Wish>, only?: ReadonlySet<string>): Promise<void>;
  status(replica: string): ProcessStatus;
  /** Resolves with the status once the replica is in that state. */
  becomes(replica: string, kind: ProcessState['kind']): Promise<ProcessStatus>;
  pid(replica: string): number;
  /** Resolves with the text of the first line that matches. */
  printed(pattern: RegExp): Promise<string>;
}

/** A supervisor with a registry and health checks around it, in a folder of its own; stops all at the end. */
export async function makeWorld(rooms: Partial<SupervisorRooms> & { readonly clock?: Clock } = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'mesh-supervisor-'));
  const registry = new Registry(systemClock, memoryStore);
  const health = new HealthChecker({ registry, clock: systemClock, checkFor: () => portAccepts });
  const supervisor = new Supervisor({
    registry,
    clock: systemClock,
    environment: async (_service, _replica, port) => ({
      PATH: process.env.PATH ?? '',
      ...(port === undefined ? {} : { PORT: String(port) }),
    }),
    drain: async () => {},
    random: Math.random, // files of tests run at the same time, and must not all begin with one port
    directory: folder,
    stateFile: undefined,
    ...rooms,
  });
  health.start();
  const lines: OutputLine[] = [];
  const states: string[] = [];
  supervisor.on('output', (line) => lines.push(line));
  supervisor.on('state', ({ replica, state }) => states.push(`${replica} ${state.kind}`));
  const world: World = {
    supervisor,
    registry,
    folder,
    lines,
    states,
    apply: (wishes, only) => supervisor.apply(servicesOf(wishes), only),
    status(replica) {
      const status = supervisor.statuses().find((one) => one.replica === replica);
      if (status === undefined) throw new Error(`there is no ${replica}`);
      return status;
    },
    becomes: (replica, kind) =>
      vi.waitFor(
        () => {
          const status = world.status(replica);
          expect(
            status.state.kind,
            status
              .lastLines(5)
              .map(({ text }) => text)
              .join('\n'),
          ).toBe(kind);
          return status;
        },
        { timeout: 10_000, interval: 10 },
      ),
    pid(replica) {
      const { state } = world.status(replica);
      if (!('pid' in state)) throw new Error(`${replica} is ${state.kind}`);
      return state.pid;
    },
    printed: (pattern) =>
      vi.waitFor(
        () => {
          const line = lines.find(({ text }) => pattern.test(text));
          if (line === undefined) throw new Error(`nobody printed ${pattern}`);
          return line.text;
        },
        { timeout: 10_000, interval: 10 },
      ),
    async [Symbol.asyncDispose]() {
      await supervisor.stop();
      await health.close();
      await registry.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** Is there such a process, and does it run? A zombie does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^Z/.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim());
  } catch {
    return false; // ps finds nobody
  }
}

export async function ends(pid: number, timeout = 5_000): Promise<void> {
  await vi.waitFor(() => expect(isRunning(pid), `process ${pid} still runs`).toBe(false), { timeout, interval: 50 });
}
