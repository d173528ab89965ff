import { isDeepStrictEqual } from 'node:util';
import type { AccessLogConfig } from '../../config/snapshot.js';
import type { Arrival, FinishListener } from '../../exchange/exchange.js';
import type { Layer } from '../../exchange/layer.js';
import type { Address } from '../../foundation/address.js';
import type { Cancel, Clock } from '../../foundation/clock.js';
import { pause } from '../../foundation/clock.js';
import type { MeshError } from '../../foundation/errors.js';
import type { AccessEntry } from './entry.js';
import { entryOf, turnedAwayEntry } from './entry.js';
import { jsonGap, jsonLine } from './json-line.js';
import { LogWriter } from './log-writer.js';
import { textGap, textLine } from './text-line.js';

/** Entries that are made text at once: half a millisecond of work, and so long no other request waits. */
const batchSize = 256;

/** Milliseconds that an entry waits for others. */
const batchTime = 200;

/** Milliseconds that the end of the mesh waits for a disk. */
const closeLimit = 2_000;

/** For whoever prints them. */
export interface AccessBatch {
  readonly format: 'text' | 'json';
  readonly entries: readonly AccessEntry[];
}

export interface AccessLogRooms {
  readonly clock: Clock;
  /** Takes what goes to no file. */
  readonly print: (batch: AccessBatch) => void;
  readonly warn: (message: string) => void;
}

/** A line for each request that is over. The request pays for picking up what it says; text and files come later, in batches. */
export class AccessLog {
  readonly #rooms: AccessLogRooms;
  #config: AccessLogConfig = { format: 'off' };
  /** Where entries go; undefined: nobody wants any. */
  #send: ((entries: readonly AccessEntry[]) => void) | undefined;
  #writer: LogWriter | undefined;
  /** Resolves when every file is closed but that which is written to. */
  #closed: Promise<void> = Promise.resolve();
  #entries: AccessEntry[] = [];
  #cancelFlush: Cancel = () => {};

  constructor(rooms: AccessLogRooms) {
    this.#rooms = rooms;
  }

  readonly layer: Layer = (exchange, next) => {
    if (this.#send !== undefined) exchange.onFinish(this.#finished);
    return next(exchange);
  };

  /** For clients that were answered before they came to a request. */
  readonly turnedAway = (client: Address, arrival: Arrival, error: MeshError): void => {
    this.#add(turnedAwayEntry(client, arrival, error, this.#rooms.clock.now()));
  };

  /** Entries of before go where they were meant to go. */
  configure(config: AccessLogConfig): void {
    if (isDeepStrictEqual(config, this.#config)) return;
    this.#flush();
    this.#config = config;
    const left = this.#writer?.close();
    this.#closed = Promise.all([this.#closed, left]).then(() => {});
    this.#writer = undefined;
    this.#send = this.#sendBy(config);
  }

  /** Resolves when all is written; a disk that does not take it is not waited for. */
  async close(): Promise<void> {
    this.configure({ format: 'off' });
    const isClosed = new AbortController();
    await Promise.race([this.#closed, pause(this.#rooms.clock, closeLimit, isClosed.signal)]);
    isClosed.abort();
  }

  #sendBy(config: AccessLogConfig): ((entries: readonly AccessEntry[]) => void) | undefined {
    if (config.format === 'off') return undefined;
    const { clock, print, warn } = this.#rooms;
    const { format, file } = config;
    if (file === undefined) return (entries) => print({ format, entries });
    const { line, gap } = writings[format];
    const writer = new LogWriter(file, {
      free: this.#closed,
      gap: (count, reason) => gap(clock.now(), count, reason),
      warn,
    });
    this.#writer = writer;
    return (entries) => {
      let lines = '';
      for (const entry of entries) lines += `${line(entry)}\n`; // half of what mapping and joining takes
      writer.write(lines);
    };
  }

  readonly #finished: FinishListener = (outcome, exchange) => {
    const { clock } = this.#rooms;
    this.#add(entryOf(exchange, outcome, clock.now(), clock.monotonic() - exchange.startedAt));
  };

  #add(entry: AccessEntry): void {
    if (this.#send === undefined) return;
    this.#entries.push(entry);
    if (this.#entries.length === batchSize) this.#flush();
    else if (this.#entries.length === 1) this.#cancelFlush = this.#rooms.clock.after(batchTime, () => this.#flush());
  }

  #flush(): void {
    this.#cancelFlush();
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    this.#send?.(entries);
  }
}

const writings = {
  text: { line: (entry: AccessEntry) => textLine(entry, (_, text) => text), gap: textGap },
  json: { line: jsonLine, gap: jsonGap },
} as const;
