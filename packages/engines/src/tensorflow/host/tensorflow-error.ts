/** The codes of `tf_status.h` (those of gRPC), by number. */
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
];

/** TensorFlow refused an operation or failed in it. */
export class TensorflowError extends Error {
  override readonly name = 'TensorflowError';
  readonly code: string;
  /** The operation. */
  readonly op: string;

  constructor(op: string, code: string, message: string) {
    super(message);
    this.op = op;
    this.code = code;
  }

  /** The binding throws `Invalid TF_Status: 3\nMessage: …`. */
  static from(op: string, error: unknown): TensorflowError {
    const text = error instanceof Error ? error.message : String(error);
    const status = /^Invalid TF_Status: (\d+)\s+Message: ([\s\S]*)$/.exec(text);
    if (status === null) return new TensorflowError(op, 'UNKNOWN', text);
    return new TensorflowError(op, CODES[Number(status[1])] ?? 'UNKNOWN', status[2]!);
  }
}
