import { StringDecoder } from 'node:string_decoder';
import { RingBuffer } from '../foundation/ring-buffer.js';

/** One line that a process of the mesh printed, as it printed it: make it `printable` before it meets a terminal. */
export interface OutputLine {
  readonly service: string;
  /** `web-1` */
  readonly replica: string;
  /** mesh: the supervisor's own word on the process, such as why it is restarted. */
  readonly stream: 'stdout' | 'stderr' | 'mesh';
  /** Without its line end. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Lines kept for each service. */
const keptLines = 5_000;
/** Characters: a longer line is cut into parts, so that a program that never ends its line costs no memory. */
const longestLine = 8_192;

/** What the replicas of one service printed last. It outlives them: the last words of a crash are what is asked for. */
export class OutputLog {
  readonly #lines = new RingBuffer<OutputLine>(keptLines);

  push(line: OutputLine): void {
    this.#lines.push(line);
  }

  /** The newest `count`, oldest of them first; of one replica, or of all. */
  last(count: number, replica?: string): OutputLine[] {
    const lines = [...this.#lines];
    const wanted = replica === undefined ? lines : lines.filter((line) => line.replica === replica);
    return wanted.slice(Math.max(0, wanted.length - count));
  }
}

/** Bytes → lines: UTF-8 across the borders of chunks, line ends LF or CR LF. */
export class LineSplitter {
  readonly #tell: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** Answers how many lines it made. */
  push(chunk: Buffer): number {
    return this.#split(this.#decoder.write(chunk));
  }

  /** The stream has ended: what stands on its last line is a line, too. */
  flush(): void {
    this.#split(this.#decoder.end());
    if (this.#rest !== '') this.#tellWhole(this.#rest);
    this.#rest = '';
  }

  #split(text: string): number {
    const lines = (this.#rest + text).split('\n');
    const unfinished = lines.pop() ?? '';
    for (const line of lines) this.#tellWhole(line);
    this.#rest = this.#tellParts(unfinished);
    return lines.length;
  }

  #tellWhole(line: string): void {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    this.#tell(this.#tellParts(text));
  }

  /** Tells all but the last part of a long text, and answers that. */
  #tellParts(text: string): string {
    let rest = text;
    while (rest.length > longestLine) {
      const end = isHalfCharacter(rest, longestLine) ? longestLine - 1 : longestLine;
      this.#tell(rest.slice(0, end));
      rest = rest.slice(end);
    }
    return rest;
  }
}

/** A cut there would part the two halves of a character outside the basic plane. */
function isHalfCharacter(text: string, index: number): boolean {
  const code = text.charCodeAt(index - 1);
  return code >= 0xd800 && code <= 0xdbff;
}
