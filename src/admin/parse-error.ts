import { errnoOf, MeshError } from '../foundation/errors.js';

/** An error of Node's parser or its timers → the answer that its cause deserves. */
export function parseError(error: Error): MeshError {
  switch (errnoOf(error)) {
    case 'HPE_HEADER_OVERFLOW':
      return new MeshError('head_too_large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new MeshError('head_timeout');
    case 'HPE_INVALID_EOF_STATE':
    case 'ECONNRESET':
    case 'EPIPE':
      return new MeshError('client_gone');
    default:
      return new MeshError('bad_request', `The request is not valid HTTP: ${error.message}`, { cause: error });
  }
}
