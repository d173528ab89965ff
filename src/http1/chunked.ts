import { checkLines, parseFields } from './field-lines.js';
import { Fields } from './fields.js';
import { Violation } from './violation.js';

/** Bytes of a line with the size of a chunk. Extensions mean nothing to us, and must not cost much either (CVE-2024-22019). */
const maxSizeLine = 1_024;
/** Bytes of all trailers together, and how many. */
const maxTrailers = 16 * 1_024;
const maxTrailerFields = 100;

/** Bytes of a chunk from which on it costs less to pass it on by itself than to copy it. */
const largeChunk = 4 * 1_024;

/** 13 hexadecimal digits are 4 petabytes, and stay exact in a number. What follows `;` is an extension, and is dropped. */
const sizeLine = /^([0-9A-Fa-f]{1,13})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n$/;

/**
 * Takes the chunks off a body (RFC 9112 §7.1), in whatever pieces it arrives:
 *
 *     5;ext=1 CRLF hello CRLF   0 CRLF   Trailer: value CRLF   CRLF
 *
 * The grammar is followed to the letter: two programs that see the end of a chunk in different places see different messages.
 */
export class ChunkedDecoder {
  #expects: 'size' | 'data' | 'data-end' | 'trailers' | 'nothing' = 'size';
  /** Bytes that are missing of the chunk under way. */
  #missing = 0;
  /** Of the line under way, what earlier pieces brought. */
  #line = '';
  /** Trailer lines, as they came. */
  #trailerText = '';

  /** All was read, the trailers too. */
  get isDone(): boolean {
    return this.#expects === 'nothing';
  }

  get trailers(): Fields {
    return this.#trailerText === '' ? new Fields() : parseFields(this.#trailerText, 0, maxTrailerFields);
  }

  /**
   * Reads on, up to the end of the body.
   *
   * @param take gets the data of the chunks
   * @returns where in `bytes` it stopped: behind the last of them, or where the next message begins
   * @throws Violation
   */
  decode(bytes: Buffer, take: (data: Buffer) => void): number {
    const pieces: Buffer[] = [];
    try {
      let at = 0;
      while (at < bytes.length && this.#expects !== 'nothing') {
        if (this.#expects === 'data') at = this.#decodeData(bytes, at, pieces);
        else at = this.#decodeLine(bytes, at);
      }
      return at;
    } finally {
      handOn(pieces, bytes.length, take); // what came before a violation, too
    }
  }

  #decodeData(bytes: Buffer, at: number, pieces: Buffer[]): number {
    const data = bytes.subarray(at, at + this.#missing);
    this.#missing -= data.length;
    if (this.#missing === 0) this.#expects = 'data-end';
    pieces.push(data);
    return at + data.length;
  }

  #decodeLine(bytes: Buffer, at: number): number {
    const lineFeed = bytes.indexOf(0x0a, at);
    const end = lineFeed < 0 ? bytes.length : lineFeed + 1;
    this.#line += bytes.toString('latin1', at, end);
    if (this.#line.length > (this.#expects === 'trailers' ? maxTrailers : maxSizeLine)) throw tooLong(this.#expects);
    if (lineFeed >= 0) {
      const line = this.#line;
      this.#line = '';
      this.#takeLine(line);
    } else this.#suspect();
    return end;
  }

  /** What cannot become a line any more is not waited for. */
  #suspect(): void {
    if (this.#expects === 'data-end' && !'\r\n'.startsWith(this.#line)) throw overflow();
    if (this.#line.slice(0, -1).includes('\r')) throw new Violation('a CR that ends no line');
  }

  #takeLine(line: string): void {
    switch (this.#expects) {
      case 'size': {
        const size = sizeLine.exec(line)?.[1];
        if (size === undefined) throw new Violation('a chunk whose size is not in hexadecimal digits');
        this.#missing = Number.parseInt(size, 16);
        this.#expects = this.#missing === 0 ? 'trailers' : 'data';
        break;
      }
      case 'data-end':
        if (line !== '\r\n') throw overflow();
        this.#expects = 'size';
        break;
      case 'trailers':
        this.#takeTrailer(line);
    }
  }

  #takeTrailer(line: string): void {
    checkLines(line);
    if (line === '\r\n') {
      this.#expects = 'nothing';
      return;
    }
    this.#trailerText += line;
    if (this.#trailerText.length > maxTrailers) throw tooLong('trailers');
    parseFields(line, 0, 1); // complains now, and not when someone asks
  }
}

/**
 * Large chunks go on as they lie in what was read. Small ones go on as one piece, for each piece costs its handling at every
 * step behind: a client with chunks of a byte has held up all others for seconds. And where there is little in what was read but
 * sizes and extensions, the data is copied out of it: whoever keeps the data would keep all of that, a thousand times as much.
 */
function handOn(pieces: readonly Buffer[], read: number, take: (data: Buffer) => void): void {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const isMostOfIt = size * 2 >= read;
  if (isMostOfIt && (pieces.length === 1 || size >= pieces.length * largeChunk))
    for (const piece of pieces) take(piece);
  else if (size > 0) take(Buffer.concat(pieces, size));
}

function overflow(): Violation {
  return new Violation('a chunk that does not end where its size says');
}

function tooLong(what: string): Violation {
  return new Violation(what === 'trailers' ? `trailers of more than ${maxTrailers} bytes` : 'a chunk line without end');
}
