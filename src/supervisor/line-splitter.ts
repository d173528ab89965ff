import { StringDecoder } from 'node:string_decoder';

/** Characters: a longer line is cut into parts, so that a program that never ends its line costs no memory. */
const longestLine = 8_192;

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
