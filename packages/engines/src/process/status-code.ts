/**
 * Why a native call failed, by number: the codes of absl, gRPC, PJRT and `tf_status.h`.
 *
 * @source https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
 */
const CODES = [
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
] as const;

export type StatusCode = (typeof CODES)[number];

export function statusCode(number: number): StatusCode {
  return CODES[number] ?? 'UNKNOWN';
}
