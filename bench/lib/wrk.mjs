import { Child, loadCore } from './children.mjs';
import { fields } from './contract.mjs';
import { findProgram } from './programs.mjs';

const script = new URL('../load/request.lua', import.meta.url).pathname;

/**
 * Load by wrk for so many seconds.
 *
 * @param request `{ port, path, connections, seconds }`, and where wanted `{ closing: true }` for a connection per request
 *   and `{ method, size }` for a body
 * @returns `{ count, seconds, bytes, p50, p99, trouble }`: times in milliseconds, trouble in words
 */
export async function runWrk({ port, path, connections, seconds, closing = false, method, size }) {
  const sent = closing ? { ...fields, Connection: 'close' } : fields;
  const child = new Child(loadCore, findProgram('wrk'), [
    ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--latency', '--timeout', '10s'],
    ...Object.entries(sent).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...['-s', script, `http://127.0.0.1:${port}${path}`],
    ...(method === undefined ? [] : ['--', method, String(size)]),
  ]);
  const output = await child.output();
  const [, result] = /^result (.*)$/m.exec(output) ?? [];
  if (result === undefined) throw new Error(`wrk said: ${output}`);
  const { errors, ...figures } = JSON.parse(result);
  const trouble = Object.entries(errors).filter(([, count]) => count > 0);
  return { ...figures, trouble: trouble.map(([kind, count]) => `${count} ${kindNames[kind]}`) };
}

const kindNames = {
  connect: 'connections refused',
  read: 'broken reads',
  write: 'broken writes',
  timeout: 'timeouts',
  status: 'not 2xx',
};
