import type { ProbeConfig } from '../../config/snapshot.js';
import { probeCommand } from './command.js';
import { probeHttp } from './http.js';
import type { Probe } from './probe.js';
import { probeTcp } from './tcp.js';

/** @param instance id of the instance that is checked */
export function selectProbe(config: ProbeConfig, instance: string): Probe {
  switch (config.kind) {
    case 'http':
      return probeHttp(config.path);
    case 'tcp':
      return probeTcp;
    case 'command':
      return probeCommand(config, instance);
  }
}
