import { MeshError } from '../../foundation/errors.js';

/** How a field is written (protobuf.dev/programming-guides/encoding). Groups, 3 and 4, are of proto1: OTLP has none. */
export const wireType = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

/** A field's number and type, as they are written together. */
export function tagOf(field: number, type: number): number {
  return field * 8 + type;
}

/** Fields of one export, as many as fit into it if each is worth something, and those of one span, or of what stands before it. */
const mostFields = 4_000_000;
const fieldsOfSpan = 20_000;

/** Bytes of a text and of an id that are read at most: nobody is shown more, and what is longer is no id. */
const textBytes = 8_192;
const idBytes = 32;

/** Bits of a number that seven bytes of a varint hold: more might not fit into a double. */
const exactBytes = 7;
/** Of 64 bits, seven in each. */
const longestVarint = 10;

/** Counts the fields of one export while it is read. Eight million empty ones are sixteen kilobytes of gzip, and seconds of work. */
export class FieldCount {
  #left = mostFields;
  #leftOfSpan = fieldsOfSpan;

  /** @throws invalid_request */
  add(): void {
    this.#left--;
    this.#leftOfSpan--;
    if (this.#left < 0) throw new MeshError('invalid_request', `The export has more than ${mostFields} fields`);
    if (this.#leftOfSpan < 0) throw new MeshError('invalid_request', `A span has more than ${fieldsOfSpan} fields`);
  }

  endSpan(): void {
    this.#leftOfSpan = fieldsOfSpan;
  }
}

/**
 * Reads the wire format of Protocol Buffers from a stretch of bytes, and never beyond it.
 * @throws invalid_request for what is no such message
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #count: FieldCount;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, count: FieldCount, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#count = count;
    this.#at = at;
    this.#end = end;
  }

  /** The next field's number and type, as `tagOf` has them; 0 behind the last one. */
  next(): number {
    if (this.#at === this.#end) return 0;
    this.#count.add();
    const tag = this.length();
    if (tag < 8 || tag > 0xff_ff_ff_ff) throw malformed('a field has no number');
    return tag;
  }

  /** The same bytes again, from where it stands. */
  fork(): WireReader {
    return new WireReader(this.#bytes, this.#count, this.#at, this.#end);
  }

  /** A message within this one. */
  message(): WireReader {
    const begin = this.#skip(this.length());
    return new WireReader(this.#bytes, this.#count, begin, this.#at);
  }

  text(): string {
    const begin = this.#skip(this.length());
    return this.#bytes.toString('utf8', begin, Math.min(this.#at, begin + textBytes));
  }

  hex(): string {
    const begin = this.#skip(this.length());
    return this.#bytes.toString('hex', begin, Math.min(this.#at, begin + idBytes));
  }

  base64(): string {
    const begin = this.#skip(this.length());
    return this.#bytes.toString('base64', begin, Math.min(this.#at, begin + textBytes));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#skip(8));
  }

  /** Without sign; rounded to what a double holds. */
  fixed64(): number {
    const begin = this.#skip(8);
    return this.#bytes.readUInt32LE(begin + 4) * 2 ** 32 + this.#bytes.readUInt32LE(begin);
  }

  /** A varint that counts something. */
  length(): number {
    const value = this.varint();
    if (typeof value === 'bigint' || value < 0) throw malformed('a length is larger than the message');
    return value;
  }

  /** A varint of 64 bits with sign; a bigint where a number is not exact. */
  varint(): number | bigint {
    let value = 0;
    for (let index = 0; index < exactBytes; index++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    return this.#longVarint(BigInt(value));
  }

  #longVarint(low: bigint): number | bigint {
    let value = low;
    for (let index = exactBytes; index < longestVarint; index++) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return exact(BigInt.asIntN(64, value));
    }
    throw malformed('a number has more than ten bytes');
  }

  /** Passes over a field that nobody asks for. */
  skip(tag: number): void {
    switch (tag % 8) {
      case wireType.varint:
        this.varint();
        return;
      case wireType.fixed64:
        this.#skip(8);
        return;
      case wireType.lengthDelimited:
        this.#skip(this.length());
        return;
      case wireType.fixed32:
        this.#skip(4);
        return;
      default:
        throw malformed(`a field is of type ${tag % 8}`);
    }
  }

  #byte(): number {
    return this.#bytes.readUInt8(this.#skip(1));
  }

  /** Where they begin. */
  #skip(bytes: number): number {
    const begin = this.#at;
    if (bytes > this.#end - begin) throw malformed('it ends within a field');
    this.#at += bytes;
    return begin;
  }
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function malformed(what: string): MeshError {
  return new MeshError('invalid_request', `The body is no protobuf of OTLP: ${what}`);
}
