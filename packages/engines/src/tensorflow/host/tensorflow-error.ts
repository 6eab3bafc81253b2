import { statusCode, type StatusCode } from '../../process/status-code.ts';

/** TensorFlow refused an operation or failed in it. */
export class TensorflowError extends Error {
  override readonly name = 'TensorflowError';
  readonly code: StatusCode;
  /** The operation. */
  readonly op: string;

  constructor(op: string, code: StatusCode, message: string) {
    super(message);
    this.op = op;
    this.code = code;
  }

  /** The binding throws `Invalid TF_Status: 3\nMessage: …`. */
  static from(op: string, error: unknown): TensorflowError {
    const text = error instanceof Error ? error.message : String(error);
    const status = /^Invalid TF_Status: (\d+)\s+Message: ([\s\S]*)$/.exec(text);
    if (status === null) return new TensorflowError(op, 'UNKNOWN', text);
    return new TensorflowError(op, statusCode(Number(status[1])), status[2]!);
  }
}
