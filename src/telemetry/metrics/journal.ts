/** Memory is taken, and given back, so many bytes at a time. */
const pageBytes = 16 * 1_024;

/** A number of 32 bits takes five bytes at most, and so does the length of a run of zeros. */
const mostBytesPerNumber = 5;

interface Page {
  readonly bytes: Uint8Array;
  used: number;
  readonly firstRow: number;
  lastRow: number;
}

/**
 * Rows of numbers, each with the time that it is of, in a bounded memory. A number takes as many bytes as it needs (7 bits to
 * each, the lowest first), a run of zeros two or three, and a row in which nothing happened none at all: a busy second of a
 * service takes 100 to 500 bytes where its counters as they are would take 4,600.
 *
 * What is older than `depth`, or was pushed out by what is newer, is forgotten a page at a time.
 */
export class Journal {
  readonly #depth: number;
  readonly #mostPages: number;
  readonly #scratch: Uint8Array;
  #pages: Page[] = [];

  /** @param depth in rows  @param mostBytes that it may take  @param mostNumbers of the longest row */
  constructor({ depth, mostBytes, mostNumbers }: { depth: number; mostBytes: number; mostNumbers: number }) {
    this.#depth = depth;
    this.#mostPages = Math.floor(mostBytes / pageBytes);
    this.#scratch = scratchOf(mostNumbers);
  }

  /**
   * Rows come in the order of their time.
   * @param row the time, in whole steps  @param subject what the numbers are of
   */
  write(row: number, subject: number, numbers: Uint32Array): void {
    const length = encode(numbers, this.#scratch);
    const page = this.#pageFor(row, length);
    let at = put(page.bytes, page.used, row - page.firstRow);
    at = put(page.bytes, at, subject);
    at = put(page.bytes, at, length);
    page.bytes.set(this.#scratch.subarray(0, length), at);
    page.used = at + length;
    page.lastRow = row;
  }

  /** Tells every number but zeros that was written of `subject` from that row on, oldest first. */
  read(fromRow: number, subject: number, tell: (row: number, column: number, number: number) => void): void {
    for (const page of this.#pages) {
      if (page.lastRow < fromRow) continue;
      const reader = new Reader(page.bytes);
      while (reader.at < page.used) {
        const row = page.firstRow + reader.next();
        const isWanted = reader.next() === subject && row >= fromRow;
        const end = reader.next() + reader.at;
        if (isWanted) decode(reader, end, (column, number) => tell(row, column, number));
        reader.at = end;
      }
    }
  }

  #pageFor(row: number, length: number): Page {
    const last = this.#pages.at(-1);
    const header = 3 * mostBytesPerNumber;
    if (last !== undefined && last.used + header + length <= pageBytes) return last;
    const page = { bytes: new Uint8Array(pageBytes), used: 0, firstRow: row, lastRow: row };
    const oldest = row - this.#depth;
    this.#pages = this.#pages.filter(({ lastRow }) => lastRow > oldest).slice(1 - this.#mostPages);
    this.#pages.push(page);
    return page;
  }
}

/** Rows are written one after the other, so all journals share one sheet of each size. */
const scratches = new Map<number, Uint8Array>();

function scratchOf(numbers: number): Uint8Array {
  const known = scratches.get(numbers) ?? new Uint8Array(numbers * mostBytesPerNumber);
  scratches.set(numbers, known);
  return known;
}

/** A zero is followed by how many more zeros there are. Those at the end are left out. @returns the bytes it took */
function encode(numbers: Uint32Array, bytes: Uint8Array): number {
  let at = 0;
  let zeros = 0;
  for (const number of numbers) {
    if (number === 0) {
      zeros++;
      continue;
    }
    if (zeros > 0) {
      at = put(bytes, at, 0);
      at = put(bytes, at, zeros - 1);
      zeros = 0;
    }
    at = put(bytes, at, number);
  }
  return at;
}

function decode(reader: Reader, end: number, tell: (column: number, number: number) => void): void {
  let column = 0;
  while (reader.at < end) {
    const number = reader.next();
    if (number === 0) column += reader.next() + 1;
    else tell(column++, number);
  }
}

/** @returns where the next one goes */
function put(bytes: Uint8Array, start: number, number: number): number {
  let at = start;
  let rest = number;
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): number {
    let number = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.at++] ?? 0;
      number += (byte & 0x7f) * scale;
      if (byte < 0x80) return number;
    }
  }
}
