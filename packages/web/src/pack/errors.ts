/** Errors of models in a page. Alphabetical by code. */
import { EddyError } from '@eddy/tensor/errors';

export function webUnsupportedOp(op: string, because: string): EddyError {
  return new EddyError({
    code: 'WEB_UNSUPPORTED_OP',
    message: `${op} cannot run in a page, because ${because}`,
    at: 'the supervision step of the model',
    expected: 'a supervision step of operations that run in a browser',
    received: op,
    fix: 'export another format, `--format safetensors` or `--format onnx`, or write the model without it',
  });
}
