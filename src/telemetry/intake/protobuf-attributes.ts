import type { RawAttribute, RawValue } from './raw-span.js';
import { mapOf, refuseDeep } from './raw-span.js';
import type { WireReader } from './wire-reader.js';
import { tagOf, wireType } from './wire-reader.js';

const { varint, fixed64, lengthDelimited } = wireType;

/** The attributes of a resource, or of a value that is a map. */
export function readAttributes(message: WireReader, depth = 0): RawAttribute[] {
  const attributes: RawAttribute[] = [];
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    if (tag === keyValueTag) attributes.push(readAttribute(message.message(), depth));
    else message.skip(tag);
  }
  return attributes;
}

const keyValueTag = tagOf(1, lengthDelimited);

export function readAttribute(message: WireReader, depth = 0): RawAttribute {
  let key = '';
  let value: RawValue = null;
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    if (tag === keyTag) key = message.text();
    else if (tag === valueTag) value = readValue(message.message(), depth);
    else message.skip(tag);
  }
  return { key, value };
}

const keyTag = tagOf(1, lengthDelimited);
const valueTag = tagOf(2, lengthDelimited);

function readValue(message: WireReader, depth: number): RawValue {
  refuseDeep(depth);
  let value: RawValue = null;
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    switch (tag) {
      case valueTags.text:
        value = message.text();
        break;
      case valueTags.boolean:
        value = message.varint() !== 0;
        break;
      case valueTags.integer: {
        const integer = message.varint();
        value = typeof integer === 'bigint' ? String(integer) : integer;
        break;
      }
      case valueTags.double:
        value = message.double();
        break;
      case valueTags.list:
        value = readValues(message.message(), depth + 1);
        break;
      case valueTags.map:
        value = mapOf(readAttributes(message.message(), depth + 1));
        break;
      case valueTags.bytes:
        value = message.base64();
        break;
      default:
        message.skip(tag);
    }
  }
  return value;
}

const valueTags = {
  text: tagOf(1, lengthDelimited),
  boolean: tagOf(2, varint),
  integer: tagOf(3, varint),
  double: tagOf(4, fixed64),
  list: tagOf(5, lengthDelimited),
  map: tagOf(6, lengthDelimited),
  bytes: tagOf(7, lengthDelimited),
} as const;

function readValues(message: WireReader, depth: number): RawValue[] {
  const values: RawValue[] = [];
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    if (tag === listedTag) values.push(readValue(message.message(), depth));
    else message.skip(tag);
  }
  return values;
}

const listedTag = tagOf(1, lengthDelimited);
