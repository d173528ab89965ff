import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { errnoOf, MeshError, messageOf } from '../foundation/errors.js';
import type { Diagnostic } from './diagnostic.js';
import { ConfigError } from './diagnostic.js';

/** Bytes. The largest mesh file: a thousand services need a tenth of it, and what is longer was named by mistake. */
const largestFile = 1_048_576;

/**
 * The text of a mesh file, without a byte order mark. A pipe is read too (`-f <(generate)`), never further than the limit.
 * @throws MeshError config_not_found; ConfigError config_unreadable, with one diagnostic.
 */
export async function readSource(file: string): Promise<string> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (failure) {
    throw unopened(file, failure);
  }
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw unreadable(file, 'it is a directory', 'Name the file in it: `-f FILE`.');
    const bytes = await readUpTo(handle, largestFile);
    if (bytes === undefined) throw unreadable(file, 'it is larger than 1 MiB', 'Is it a mesh file?');
    return decode(file, bytes);
  } catch (failure) {
    throw failure instanceof MeshError ? failure : unopened(file, failure);
  } finally {
    await handle.close();
  }
}

/** The bytes, or undefined when there are more than `limit`. */
async function readUpTo(handle: FileHandle, limit: number): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(limit + 1);
  let length = 0;
  while (length <= limit) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  return undefined;
}

function decode(file: string, bytes: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(file, 'it is not UTF-8 text', 'Save it with the encoding UTF-8.');
  }
  if (text.trim() === '') throw unreadable(file, 'it is empty', '`mesh init` writes one to start from.');
  return text;
}

function unopened(file: string, failure: unknown): MeshError {
  const code = errnoOf(failure);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new MeshError('config_not_found', `There is no mesh file ${file}`, { cause: failure });
  }
  if (code === 'EISDIR') return unreadable(file, 'it is a directory', 'Name the file in it: `-f FILE`.', failure);
  if (code === 'EACCES' || code === 'EPERM') {
    return unreadable(file, 'you may not read it', `Look at its permissions: \`ls -l ${file}\`.`, failure);
  }
  return unreadable(file, messageOf(failure), undefined, failure);
}

function unreadable(file: string, reason: string, hint: string | undefined, cause?: unknown): ConfigError {
  const diagnostic: Diagnostic = {
    code: 'unreadable',
    message: `the mesh file cannot be read: ${reason}`,
    hint,
    file,
    path: '',
    line: undefined,
    column: undefined,
    endColumn: undefined,
    source: undefined,
  };
  return new ConfigError('config_unreadable', [diagnostic], cause);
}
