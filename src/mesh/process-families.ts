import process from 'node:process';
import type { ProcessNumbers } from '../supervisor/process-numbers.js';
import type { Family, Sample } from '../telemetry/prometheus/exposition.js';

/** Microseconds. */
const second = 1_000_000;

/** What the programs that the mesh runs take of the machine. */
export function processFamilies(processes: readonly ProcessNumbers[]): Family[] {
  const each = (numberOf: (numbers: ProcessNumbers) => number | undefined): Sample[] =>
    processes.flatMap((numbers) => {
      const value = numberOf(numbers);
      return value === undefined ? [] : [{ labels: { service: numbers.service, replica: numbers.replica }, value }];
    });
  return [
    {
      name: 'mesh_process_cpu_seconds_total',
      type: 'counter',
      help: 'Processor time of a program and all that it has started, over its restarts.',
      samples: each(({ cpuSeconds }) => cpuSeconds),
    },
    {
      name: 'mesh_process_resident_memory_bytes',
      type: 'gauge',
      help: 'Memory of a program and all that it has started.',
      samples: each(({ residentBytes }) => residentBytes),
    },
    {
      name: 'mesh_process_restarts_total',
      type: 'counter',
      help: 'How often a program was started again.',
      samples: each(({ restarts }) => restarts),
    },
  ];
}

/** Of the mesh's own process, under the names that every Prometheus client has for them. */
export function ownProcessFamilies(startedAt: number): Family[] {
  const { user, system } = process.cpuUsage();
  const one = (value: number): Sample[] => [{ labels: {}, value }];
  return [
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'Processor time of the mesh itself.',
      samples: one((user + system) / second),
    },
    {
      name: 'process_resident_memory_bytes',
      type: 'gauge',
      help: 'Memory of the mesh itself.',
      samples: one(process.memoryUsage.rss()),
    },
    {
      name: 'process_start_time_seconds',
      type: 'gauge',
      help: 'When the mesh was started, in seconds since 1970.',
      samples: one(startedAt),
    },
  ];
}
