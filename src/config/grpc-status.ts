/** In the order of their numbers (gRPC: Status codes and their use). */
export const grpcStatusNames: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** `grpc:14`, `grpc:UNAVAILABLE` */
export const grpcStatusPattern = new RegExp(`^grpc:(?:\\d|1[0-6]|${grpcStatusNames.join('|')})$`);

/** The form above → the number; it is known to be right. */
export function readGrpcStatus(text: string): number {
  const status = text.slice('grpc:'.length);
  const number = grpcStatusNames.indexOf(status);
  return number === -1 ? Number(status) : number;
}

/** 14 → `grpc:UNAVAILABLE` */
export function formatGrpcStatus(status: number): string {
  return `grpc:${grpcStatusNames[status] ?? status}`;
}
