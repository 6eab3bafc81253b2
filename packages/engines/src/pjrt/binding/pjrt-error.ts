/** Error codes of PJRT: absl's, by number. */
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

export type PjrtErrorCode = (typeof CODES)[number];

export function errorCode(number: number): PjrtErrorCode {
  return CODES[number] ?? 'UNKNOWN';
}

/** The number that stands for a code. */
export function errorNumber(code: PjrtErrorCode): number {
  return CODES.indexOf(code);
}

/** What a PJRT call returned instead of a result. Stays inside the engine process. */
export class PjrtError extends Error {
  readonly call: string;
  readonly code: PjrtErrorCode;

  /** @param message  the plugin's own words. */
  constructor(call: string, code: PjrtErrorCode, message: string) {
    super(message);
    this.name = 'PjrtError';
    this.call = call;
    this.code = code;
  }
}
