import type { Socket } from 'node:net';

/** A request as a RawUpstream reads it, whole. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly head: string;
  readonly body: string;
}

export type RawHead = Omit<RawRequest, 'body'>;

/**
 * What to give to RawUpstream.start, to be called once for each whole request and not for each read. Small bodies only.
 *
 * @param atHead is told of each request before its body is there, and may take the connection over by returning true
 */
export function eachRequest(
  answer: (socket: Socket, request: RawRequest) => void,
  atHead: (socket: Socket, head: RawHead) => boolean = () => false,
): (socket: Socket, text: string) => void {
  const states = new WeakMap<Socket, { unread: string; isHeadTold: boolean; isTaken: boolean }>();
  return (socket, text) => {
    const state = states.get(socket) ?? { unread: '', isHeadTold: false, isTaken: false };
    states.set(socket, state);
    state.unread += text;
    while (!state.isTaken) {
      const head = readHead(state.unread);
      if (head === undefined) return;
      if (!state.isHeadTold && atHead(socket, head)) {
        state.isTaken = true;
        return;
      }
      const content = readBody(head.head, state.unread.slice(head.head.length + 4));
      state.isHeadTold = content === undefined;
      if (content === undefined) return;
      state.unread = content.rest;
      answer(socket, { ...head, body: content.body });
    }
  };
}

function readHead(text: string): RawHead | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const [method = '', target = ''] = head.split(' ', 2);
  return { method, target, head };
}

interface Content {
  readonly body: string;
  readonly rest: string;
}

function readBody(head: string, behind: string): Content | undefined {
  return /\r\ntransfer-encoding: chunked/i.test(head) ? readChunks(behind) : readLength(head, behind);
}

function readLength(head: string, behind: string): Content | undefined {
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return behind.length < length ? undefined : { body: behind.slice(0, length), rest: behind.slice(length) };
}

function readChunks(text: string): Content | undefined {
  let body = '';
  for (let at = 0; ; ) {
    const line = text.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    const next = line + 2 + size + 2;
    if (text.length < next) return undefined;
    if (size === 0) return { body, rest: text.slice(next) };
    body += text.slice(line + 2, line + 2 + size);
    at = next;
  }
}
