import { Option } from 'commander';
import type { ConnectOptions } from '../connect.js';

/** As they were typed: it is the mesh that knows what they may be. */
export interface ShapeOptions extends ConnectOptions {
  readonly delay?: string;
  readonly jitter?: string;
  readonly distribution?: string;
  readonly abort?: string;
  readonly reset?: string;
  readonly throttle?: string;
  readonly slowClose?: string;
  readonly truncate?: string;
  readonly corrupt?: string;
  readonly blackhole?: true;
  readonly mock?: string;
  readonly body?: string;
  readonly percentage?: string;
  /** `path=/x` */
  readonly match?: readonly string[];
  readonly rate?: string;
  readonly burst?: string;
  readonly limit?: string;
  readonly bandwidth?: string;
  readonly up?: string;
  readonly down?: string;
  readonly for?: string;
  readonly save?: true;
  readonly clear?: true;
  /** True: without a name. */
  readonly scenario?: string | true;
  readonly stop?: true;
  readonly json?: true;
}

export function shapeOptions(): Option[] {
  return [
    new Option('--delay <duration>', 'Fault: each attempt begins so much later'),
    new Option('--jitter <duration>', 'How much the delay varies'),
    new Option('--distribution <how>', 'How the jitter is drawn').choices(['uniform', 'normal', 'exponential']),
    new Option('--abort <status>', 'Fault: this answer in place of the instance: 503, grpc:UNAVAILABLE'),
    new Option('--reset <where>', 'Fault: the connection breaks before-head, or behind so much of the body: 10KiB'),
    new Option('--throttle <rate>', 'Fault: the body comes slowly: 64KiB/s'),
    new Option('--slow-close <duration>', 'Fault: the end of the answer comes so much later'),
    new Option('--truncate <size>', 'Fault: the answer ends behind so much of its body: 1KiB'),
    new Option('--corrupt <percentage>', 'Fault: this share of the bytes of the body is changed'),
    new Option('--blackhole', 'Fault: nothing ever comes'),
    new Option('--mock <status>', 'Fault: an answer of your own in place of the instance'),
    new Option('--body <text>', 'The body of the mock'),
    new Option('--percentage <percentage>', 'How many of the attempts meet the faults (default: all)'),
    new Option(
      '--match <what>',
      'Which of them: path=, method=, header:NAME=, caller=, version=, instance=; may be given several times',
    ).argParser((text: string, before: readonly string[] = []) => [...before, text]),
    new Option('--rate <rate>', 'So many requests pass, the others wait: 100/s'),
    new Option('--burst <number>', 'So many of them at once after a rest'),
    new Option('--limit <number>', 'So many requests at once, the others wait: 50, adaptive'),
    new Option('--bandwidth <rate>', 'Bytes per second of each answer: 64KiB/s; the same as --down'),
    new Option('--up <rate>', 'Bytes per second of each request'),
    new Option('--down <rate>', 'Bytes per second of each answer'),
    new Option('--for <duration>', 'It ends by itself after that time'),
    new Option('--save', 'Write it into the mesh file'),
    new Option('--clear', 'The mesh file holds again, for the service or for all'),
    new Option(
      '--scenario [name]',
      'Play a scenario of the mesh file, and stay until it ends; without a name: list them',
    ),
    new Option('--stop', 'Stop the scenario that runs, and clear what it has set'),
  ];
}

/** `slowClose` → `--slow-close` */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
